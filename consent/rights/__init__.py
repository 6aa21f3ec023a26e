"""A person's rights towards a vendor (GDPR, articles 15 to 21): requests with a day on which they are due, and answers.

They outlive the grant they are about: who has stopped sharing may still ask what is left of it.
"""

"""Lock a value at its page: from then on it is read only while its person is here."""

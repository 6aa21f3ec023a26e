"""Open the shop: python -m wallet.demo.shop."""

from wallet.demo.shop.app import main

main()

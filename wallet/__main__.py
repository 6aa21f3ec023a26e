"""python -m wallet is the same as the command wallet."""

from wallet.cli import main

main()

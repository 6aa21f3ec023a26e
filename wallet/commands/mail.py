"""wallet mail: take in a mail that a mail server pipes to a program."""

import sys

import click

NOT_TAKEN = 77  # EX_NOPERM of sysexits.h: mail servers send it back to whoever wrote it


@click.group()
def mail() -> None:
    """Mail for people who live here.

    \b
    Example: wallet mail receive --to r.0123@wallet.example < message
    """


@mail.command()
@click.option("--to", required=True, help="The address at which it came in.")
def receive(to: str) -> None:
    """Take one mail from standard input; ends with 77 where it is refused.

    \b
    Example: wallet mail receive --to r.0123@wallet.example < message
    """
    from wallet.dispatch import mail_in
    from wallet.dispatch.mail_reading import LARGEST, Refused
    from wallet.opening import open_here

    content = sys.stdin.buffer.read(LARGEST + 1)
    try:
        mail_in.receive(open_here(), content, to=to)
    except Refused as error:
        click.echo(f"Not taken: {error}.", err=True)
        sys.exit(NOT_TAKEN)

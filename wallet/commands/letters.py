"""wallet letters: what waits to be printed by hand."""

from pathlib import Path

import click


@click.group()
def letters() -> None:
    """Letters to people who live here.

    \b
    Example: wallet letters print ~/letters
    """


@letters.command(name="print")
@click.argument("folder", type=click.Path(path_type=Path))
def print_letters(folder: Path) -> None:
    """Write each letter that may leave now into FOLDER, as a PDF, once.

    A letter counts as handed over from then on, so print all that are there, and remove them: they are not sealed.

    \b
    Example: wallet letters print ~/letters
    """
    from wallet.dispatch import printing
    from wallet.opening import open_here

    done = printing.print_all(open_here(), folder)
    click.echo(f"{len(done.written)} letters were written into {folder}.")
    for path in printing.unfinished_in(folder):
        click.echo(
            f"{path} is of a run that was killed. Run this again in three minutes: if it is still there, print it.",
            err=True,
        )
    if done.failed is not None:
        raise click.ClickException(f"Not all could be written, and wait: {done.failed}.")

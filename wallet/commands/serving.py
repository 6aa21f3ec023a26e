"""wallet serve and wallet demo: run the wallet, alone or with a demo vendor."""

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 8420, or the next free one]")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Number of processes.")
def serve(host: str, port: int | None, workers: int) -> None:
    """Serve the wallet; makes home, database and keys on the first start.

    \b
    Example: wallet serve --port 8420
    """
    from wallet.serving import serve as run

    run(host=host, port=port, workers=workers)


@click.command()
@click.option("--once", is_flag=True, help="End after the journey: 0 if every step held, else 1.")
def demo(once: bool) -> None:
    """Play the main job once with a demo vendor, one line a step, then keep both running.

    \b
    Example: wallet demo --once
    """
    from wallet.demo.journey import play

    play(once=once)

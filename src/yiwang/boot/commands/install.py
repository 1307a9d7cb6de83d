"""`yiwang install`: begin an installation, or take over what its packs say now."""

from pathlib import Path

import click


@click.command()
@click.option("--place", default="siyang", show_default=True, help="A place under packs/places.")
@click.option(
    "--data",
    "home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/siyang"),
    show_default=True,
    help="The place's data folder; made if it is not there.",
)
def command(place: str, home: Path) -> None:
    """Make the store, install the packs of the place, and give the three administrators accounts.

    Their first passwords are printed once and must be changed at the first sign-in. Run again,
    it takes over what the packs say now; accounts stay as they are.
    """
    from yiwang.boot.starting import start_django

    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    start_django(home=home, place=place)
    from yiwang.boot.beginning import begin
    from yiwang.kernel.clock import system_clock

    begun = begin(at=system_clock())
    for name, refusal in begun.refused.items():
        click.echo(f"包 {name} 未启用：{refusal}", err=True)
    click.echo(f"{begun.packs} 个场景包、{begun.organs} 个机构已安装到 {home}")
    for username, title, password in begun.accounts:
        click.echo(f"{title}账户 {username}，首次口令 {password}（只显示这一次，首次登录须修改）")
    if not begun.accounts:
        click.echo("三员账户先前已建立，没有改动")

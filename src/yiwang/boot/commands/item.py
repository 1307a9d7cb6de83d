"""`yiwang item`: what applicants did not have to fill in or hand in, per item."""

import click

from yiwang.boot.options import data_option, place_option


@click.group()
def command() -> None:
    """Look at the items of a place."""


@command.command()
@data_option
@place_option
def savings(home: object, place: str) -> None:
    """Print per item how many fields and materials were resolved without the applicant."""
    from pathlib import Path

    from yiwang.boot.starting import start_django

    start_django(home=Path(str(home)), place=place)
    from yiwang.apps.services import public as services

    click.echo("申请  免填项           免交材料         达标  事项")
    for one in services.savings():
        fields = f"{one.saved_fields}/{one.fields} {one.field_share:.0%}"
        materials = f"{one.saved_materials}/{one.materials} {one.material_share:.0%}"
        met = "是" if one.is_met else "否"
        line = f"{one.applications:>4}  {fields:<15}  {materials:<15}  {met}    {one.title}"
        click.echo(line)

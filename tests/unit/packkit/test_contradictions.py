"""Policies that contradict each other, or the documents they stand on, are found by the check."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from yiwang.packkit import check_library


@pytest.fixture
def packs(tmp_path) -> Path:
    folder = tmp_path / "packs"
    shutil.copytree(settings.PACKS, folder)
    return folder


def findings(packs: Path) -> list[str]:
    return [f"{one.file.name}:{one.line} {one.what}" for one in check_library(packs, ("benefits",))]


def test_contradicting_policies_are_named_with_file_and_line(packs):
    rival = packs / "benefits/policies/funeral_again.yaml"
    policy = (packs / "benefits/policies/funeral.yaml").read_text("utf-8")
    rival.write_text(
        policy.replace("rules: benefits.funeral", "rules: benefits.birth_grant"), "utf-8"
    )
    one_sided = packs / "benefits/policies/rent.yaml"
    one_sided.write_text(one_sided.read_text("utf-8") + "excludes: [benefits.heating]\n", "utf-8")
    early = packs / "benefits/policies/heating.yaml"
    early.write_text(
        early.read_text("utf-8").replace("active_from: 2025-01-01", "active_from: 2024-01-01"),
        "utf-8",
    )
    found = findings(packs)

    assert any(
        one.startswith("funeral") and "同一条款（a26）在重叠的有效期内给出不同的amount" in one
        for one in found
    ), found
    assert "rent.yaml:13 “benefits.heating”没有说与本政策互斥" in found
    assert any("政策的有效期超出文件" in one and one.startswith("heating.yaml") for one in found)

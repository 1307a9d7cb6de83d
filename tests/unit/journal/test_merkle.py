"""The Merkle tree against the definitions of RFC 9162 and its own proofs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.apps.journal.merkle import (
    Edge,
    Hasher,
    consistency_proof,
    inclusion_proof,
    post_order,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# the test vectors of Certificate Transparency's reference implementation (merkletree package)
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


class Tree:
    """A tree in memory whose final hashes lie in post-order."""

    def __init__(self, size, algorithm="sha256"):
        self.hasher = Hasher(algorithm)
        self.leaves = [self.hasher.leaf(b"%d" % number) for number in range(size)]
        self.edge, self.final = Edge(self.hasher), []
        for leaf in self.leaves:
            self.final += self.edge.add(leaf)

    def subtree(self, level, index):
        return self.final[post_order(level, index)]

    def root(self, size):
        return root_of(self.hasher, self.leaves[:size])


@pytest.mark.parametrize("size", ROOTS)
def test_roots_are_those_of_the_reference_implementation(size):
    hasher = Hasher()

    assert root_of(hasher, map(hasher.leaf, LEAVES[:size])).hex() == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing():
    assert Hasher().empty().hex().startswith("e3b0c44298fc1c14")
    assert Hasher("sm3").empty().hex().startswith("1ab21d8355cfa17f")


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_every_entry_of_every_small_tree_is_proved(algorithm):
    tree = Tree(20, algorithm)
    for size in range(1, 21):
        for index in range(size):
            proof = inclusion_proof(tree.hasher, index, size, tree.subtree)
            held = {"index": index, "size": size, "proof": proof, "root": tree.root(size)}

            assert verify_inclusion(tree.hasher, leaf=tree.leaves[index], **held)
            assert not verify_inclusion(tree.hasher, leaf=tree.leaves[(index + 1) % 20], **held)


def test_every_small_tree_is_proved_to_begin_every_larger_one():
    tree = Tree(20)
    for second in range(1, 21):
        for first in range(1, second + 1):
            proof = consistency_proof(tree.hasher, first, second, tree.subtree)
            held = {
                "first": first,
                "second": second,
                "second_root": tree.root(second),
                "proof": proof,
            }

            assert verify_consistency(tree.hasher, first_root=tree.root(first), **held)
            assert not verify_consistency(tree.hasher, first_root=b"x" * 32, **held)


@given(size=st.integers(1, 300), seed=st.integers(0, 10**6), bit=st.integers(0, 255))
def test_a_proof_with_one_bit_changed_proves_nothing(size, seed, bit):
    tree, index = Tree(size), seed % size
    proof = inclusion_proof(tree.hasher, index, size, tree.subtree)
    held = {"leaf": tree.leaves[index], "index": index, "size": size, "root": tree.root(size)}
    for place, step in enumerate(proof):
        changed = bytearray(step)
        changed[bit // 8] ^= 1 << bit % 8

        bad = [*proof[:place], bytes(changed), *proof[place + 1 :]]
        assert not verify_inclusion(tree.hasher, proof=bad, **held)
    assert not verify_inclusion(tree.hasher, proof=[*proof, b"x" * 32], **held)


def test_a_proof_in_a_million_entries_is_under_one_kilobyte():
    assert len(inclusion_proof(Hasher(), 0, 1_000_000, lambda level, index: b"x" * 32)) * 32 < 1024

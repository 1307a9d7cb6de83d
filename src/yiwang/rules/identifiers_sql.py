"""Identifiers in SQL: check digits by integers and places of characters, alike in every dialect.

The 17 digits of a citizen's number n carry the weights 2¹⁷…2¹ mod 11 from left to right. With dᵢ
the i-th digit from the right, Σ dᵢ·2ⁱ = 2·(n − Σₖ 8·2ᵏ⁻¹·⌊n/10ᵏ⌋): one cast and 16 divisions
instead of 17 substrings.
"""

from abc import abstractmethod

from yiwang.rules import tree as t
from yiwang.rules.meaning import ORGANIZATION_WEIGHTS, USCC_ALPHABET
from yiwang.rules.printing import Printer

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Identifiers(Printer):
    """The identifier functions, over a few primitives of the dialect."""

    @abstractmethod
    def matches(self, text: str, form: str) -> str:
        """Whether a text has one of the forms ``FORMS``."""

    @abstractmethod
    def position(self, within: str, part: str) -> str:
        """The place (from 1) of a text in another, 0 when absent."""

    @abstractmethod
    def number(self, digits: str) -> str:
        """The integer of up to 18 digits; anything, but no error, for other text."""

    def id_form(self, text: str, number: str, check: str) -> str:
        """Whether a text is 17 digits, which ``number`` reads, and one whose place is ``check``."""
        return self.matches(text, "[0-9]{17}[0-9X]")

    @abstractmethod
    def real_date(self, digits: str) -> str:
        """The date of eight digits yyyymmdd, NULL when there is no such day."""

    def call_is_digits(self, a: t.Node) -> str:
        return self.matches(self.expression(a), "[0-9]+")

    def call_is_id_number(self, a: t.Node) -> str:
        return self.let([("id", self.expression(a))], self._id_checked)

    def call_birth_of_id(self, a: t.Node) -> str:
        return self.let(
            [("id", self.expression(a))],
            lambda text: f"CASE WHEN {self._id_checked(text)} THEN {self.born(text)} END",
        )

    def call_sex_of_id(self, a: t.Node) -> str:
        return self.let(
            [("id", self.expression(a))],
            lambda text: (
                f"CASE WHEN {self._id_checked(text)} THEN CASE WHEN "
                f"{self.position(self.text('13579'), f'substr({text}, 17, 1)')} > 0 "
                "THEN '1' ELSE '2' END END"
            ),
        )

    def first_digits(self, text: str) -> str:
        """The integer of the digits before the check digit."""
        return self.number(f"substr({text}, 1, 17)")

    def born(self, text: str) -> str:
        """The birth date in a text that has the form of a citizen's number."""
        return self.real_date(f"substr({text}, 7, 8)")

    def weighed(self, n: str) -> str:
        """Σ dᵢ·2ⁱ mod 11 over the 17 digits of the integer ``n``."""
        terms = "".join(
            f" - {8 * 2 ** (k - 1)} * {self.quotient(n, str(10**k))}" for k in range(1, 17)
        )
        return f"(2 * ({n}{terms}) % 11)"

    def _id_checked(self, text: str) -> str:
        check = self.position(self.text("0123456789X"), f"substr({text}, 18, 1)")
        number = self.first_digits(text)
        summed = self.let([("n", number)], self.weighed)
        return (
            f"(CASE WHEN {self.id_form(text, number, check)} "
            f"THEN ({summed} + {check} - 1) % 11 = 1 AND {self.born(text)} IS NOT NULL "
            f"WHEN {text} IS NOT NULL THEN FALSE END)"
        )

    def call_is_uscc(self, a: t.Node) -> str:
        return self.let([("code", self.expression(a))], self._uscc_checked)

    def _uscc_checked(self, text: str) -> str:
        def value(alphabet: str, place: int) -> str:
            return f"({self.position(self.text(alphabet), f'substr({text}, {place}, 1)')} - 1)"

        total = " + ".join(f"{pow(3, i, 31)} * {value(USCC_ALPHABET, i + 1)}" for i in range(17))
        weights = enumerate(ORGANIZATION_WEIGHTS)
        inner = " + ".join(f"{weight} * {value(_LETTERS, i + 9)}" for i, weight in weights)
        form = f"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}"
        return (
            f"(CASE WHEN {text} IS NULL THEN NULL WHEN {self.matches(text, form)} "
            f"THEN ({total} + {value(USCC_ALPHABET, 18)}) % 31 = 0 "
            f"AND {value('0123456789X', 17)} >= 0 "
            f"AND ({inner} + {value('0123456789X', 17)}) % 11 = 0 ELSE FALSE END)"
        )

    def call_is_phone(self, a: t.Node) -> str:
        def body(text: str) -> str:
            digits = f"replace({text}, '-', '')"
            return (
                f"CASE WHEN {self.matches(text, '1[3-9][0-9]{9}')} THEN TRUE ELSE "
                f"({self.matches(digits, '0[0-9]{9,11}')} AND substr({text}, 1, 1) = '0') END"
            )

        return self.let([("phone", self.expression(a))], body)

    def call_is_bank_card(self, a: t.Node) -> str:
        def total(padded: str) -> str:
            digits = (
                f"({self.position(self.text('0123456789'), f'substr({padded}, {i}, 1)')} - 1)"
                for i in range(1, 20)
            )
            terms = [
                digit if place % 2 == 0 else f"(2 * {digit} - 9 * {self.quotient(digit, '5')})"
                for place, digit in enumerate(digits)
            ]
            return " + ".join(terms)

        def body(text: str) -> str:
            padded = f"substr('000000' || {text}, length({text}) - 12, 19)"
            summed = self.let([("card", padded)], total)
            return (
                f"CASE WHEN {text} IS NULL THEN NULL WHEN {self.matches(text, '[0-9]{13,19}')} "
                f"THEN ({summed}) % 10 = 0 ELSE FALSE END"
            )

        return self.let([("card", self.expression(a))], body)

"""
The contract of a payment as Spark sees it: the JSON schema that `libs/contracts` gives, as a type and as expectations.
"""

from collections.abc import Iterator
from typing import Any

from pyspark.sql.types import BooleanType, DataType, DoubleType, LongType, StringType, StructField, StructType

from vigia.lake.expectation import Expectation

TYPES: dict[str, DataType] = {
    "string": StringType(),
    "integer": LongType(),
    "number": DoubleType(),
    "boolean": BooleanType(),
}


def struct_of(schema: dict[str, Any]) -> StructType:
    """The Spark type of a JSON schema of type object."""
    return StructType([StructField(name, type_of(inner)) for name, inner in schema["properties"].items()])


def type_of(schema: dict[str, Any]) -> DataType:
    return struct_of(schema) if schema["type"] == "object" else TYPES[schema["type"]]


def expectations_of(schema: dict[str, Any], column: str) -> list[Expectation]:
    """What the schema says of `column`, one expectation a rule, named by the field."""
    return list(rules_of(schema, column, ""))


def rules_of(schema: dict[str, Any], column: str, path: str) -> Iterator[Expectation]:
    required = schema.get("required", [])
    for name, inner in schema["properties"].items():
        field, named = f"{column}.{name}", f"{path}{name}"
        if name in required:
            yield Expectation(f"{named} is missing", f"{column} IS NULL OR {field} IS NOT NULL")
        if inner["type"] == "object":
            yield from rules_of(inner, field, f"{named}.")
        for problem, holds in conditions_of(inner, field):
            yield Expectation(f"{named} {problem}", f"{field} IS NULL OR {holds}")


def conditions_of(schema: dict[str, Any], field: str) -> Iterator[tuple[str, str]]:
    """What is wrong, and SQL that is true where it is not."""
    if "enum" in schema:
        yield "is no code of the contract", f"{field} IN ({', '.join(text(code) for code in schema['enum'])})"
    if "pattern" in schema:
        yield "has not the form of the contract", f"{field} RLIKE {text(whole(schema['pattern']))}"
    lengths = [("minLength", ">="), ("maxLength", "<=")]
    values = [("minimum", ">="), ("maximum", "<="), ("exclusiveMinimum", ">"), ("exclusiveMaximum", "<")]
    for kind, operator in lengths:
        if kind in schema:
            yield f"is not of a length {operator} {schema[kind]}", f"length({field}) {operator} {schema[kind]}"
    for kind, operator in values:
        if kind in schema:
            yield f"is not {operator} {schema[kind]}", f"{field} {operator} {schema[kind]}"


def whole(pattern: str) -> str:
    """In Java `$` is also before a last line break, in the contract's JavaScript it is not."""
    return f"{pattern.removesuffix('$')}\\z" if pattern.endswith("$") else pattern


def text(value: str) -> str:
    """A literal of Spark SQL without escapes."""
    assert "'" not in value
    return f"r'{value}'"

"""Holds requests against openapi.yaml: path, parameters, fields of bodies. Nothing else passes."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import jsonschema  # type: ignore[import-untyped]
import yaml  # type: ignore[import-untyped]

_FILE = Path(__file__).with_name("openapi.yaml")
_PAGING = {"page", "cursor"}  # list-paging of x-variants: without a parameter of their own in the file
_OURS = {"accept", "accept-encoding", "user-agent", "content-type", "authorization", "host", "content-length"}


@functools.cache
def description() -> dict[str, Any]:
    """Return the description of the interface."""
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def check(request: httpx2.Request, offered: frozenset[str], extensions: bool) -> None:
    """Fail unless a request is one of the description, and uses nothing that this server does not offer."""
    parts = urlsplit(str(request.url))
    operation, place, bound = _operation(request.method, parts.path)
    extra = operation.get("x-source") == "extension"
    assert extensions or not extra or parts.path.endswith("/capabilities"), parts.path
    known = {(p["in"], p["name"].lower()): p for p in map(_resolved, place.get("parameters", []))}
    known |= {(p["in"], p["name"].lower()): p for p in map(_resolved, operation.get("parameters", []))}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in _PAGING and ("query", "offset") in known:
            continue
        parameter = known[("query", name.lower())]
        assert extensions or extra or parameter.get("x-source") != "extension", name
        _valid(parameter["schema"], _typed(parameter["schema"], value))
    for (where, name), parameter in known.items():
        if where == "path":
            _valid(parameter["schema"], bound[parameter["name"]])
        if where == "query" and parameter.get("required"):
            assert name in {k.lower() for k, _ in parse_qsl(parts.query)}, name
    for name, value in request.headers.items():
        if name.lower() not in _OURS and name.lower() != "connection":
            parameter = known[("header", name.lower())]
            assert extensions, name
            _valid(parameter["schema"], value)
    _check_body(operation, request, extensions)
    needs = operation.get("security", description()["security"])
    assert ("authorization" in request.headers) == (needs == description()["security"]), parts.path


def _check_body(operation: dict[str, Any], request: httpx2.Request, extensions: bool) -> None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        assert not request.content
        return
    body = json.loads(request.content)
    _valid(content["schema"], body)
    _known_fields(content["schema"], body, extensions)


def _known_fields(schema: dict[str, Any], body: Any, extensions: bool) -> None:
    """Fail for a field that the description does not have, or has as an extension only."""
    schema = _resolved(schema)
    if isinstance(body, list):
        for row in body:
            _known_fields(schema["items"], row, extensions)
    if not isinstance(body, dict):
        return
    properties = schema["properties"]
    for name, value in body.items():
        assert name in properties, name
        assert extensions or properties[name].get("x-source") != "extension", name
        _known_fields(properties[name], value, extensions)


def _operation(method: str, path: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    asked = path.replace("/pos/", "/api/pos/", 1) if path.startswith("/pos/") else path
    segments = asked.split("/")
    # A path without variables wins, as servers choose.
    for template, place in sorted(description()["paths"].items(), key=lambda x: x[0].count("{")):
        pattern = template.split("/")
        if len(pattern) != len(segments) or method.lower() not in _methods(place):
            continue
        if all(p == s or p.startswith("{") for p, s in zip(pattern, segments, strict=True)):
            bound = {
                p.strip("{}"): unquote(s) for p, s in zip(pattern, segments, strict=True) if p.startswith("{")
            }
            found = place.get(method.lower()) or place["put"]
            return found, place, bound
    raise AssertionError(f"{method} {path} is not in the description")


def _methods(place: dict[str, Any]) -> set[str]:
    found = {x for x in place if x in ("get", "post", "put", "delete")}
    return found | {"patch"} if "put" in found else found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = description()
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    resolved: dict[str, Any] = found
    return resolved


def _typed(schema: dict[str, Any], value: str) -> Any:
    kind = schema.get("type")
    return int(value) if kind == "integer" else value == "true" if kind == "boolean" else value


def _valid(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": description()["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def holds(schema: str, value: Any) -> None:
    """Fail unless a value is what the description calls `schema`: for what the tests' own server answers."""
    _valid({"$ref": f"#/components/schemas/{schema}"}, value)

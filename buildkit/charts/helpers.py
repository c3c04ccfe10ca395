"""Named templates that charts share, written for one chart: only those that its templates call are put in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_HELPERS: Final[dict[str, str]] = {
    "image": r"""
{{/*
An image reference: (list . NAME REFERENCE), where REFERENCE is the one that Kustomize has.
What is set in images.NAME takes the place of its part, global.imageRegistry that of the registry.
A tag that is set drops the digest of REFERENCE, a digest that is set keeps the tag.
*/}}
{{- define "CHART.image" -}}
{{- $root := index . 0 -}}
{{- $own := index $root.Values.images (index . 1) | default dict -}}
{{- $reference := index . 2 -}}
{{- $registry := $own.registry | default $root.Values.global.imageRegistry -}}
{{- if not (or $registry $own.repository $own.tag $own.digest) -}}
{{- $reference -}}
{{- else -}}
{{- $digest := regexFind "@.*$" $reference -}}
{{- $named := trimSuffix $digest $reference -}}
{{- $tag := regexFind ":[^:/]+$" $named -}}
{{- $repository := trimSuffix $tag $named -}}
{{- $host := "" -}}
{{- if regexMatch "^([^/]*[.:A-Z][^/]*|localhost)/" $repository -}}
{{- $host = regexFind "^[^/]+" $repository -}}
{{- $repository = trimPrefix (printf "%s/" $host) $repository -}}
{{- end -}}
{{- if and $registry (has $host (list "" "docker.io" "index.docker.io")) (not (contains "/" $repository)) -}}
{{- $repository = printf "library/%s" $repository -}}
{{- end -}}
{{- if $own.tag }}{{ $tag = printf ":%s" $own.tag }}{{ $digest = "" }}{{ end -}}
{{- if $own.digest }}{{ $digest = printf "@%s" $own.digest }}{{ end -}}
{{- with $registry | default $host }}{{ . }}/{{ end }}{{ $own.repository | default $repository }}{{ $tag }}{{ $digest }}
{{- end -}}
{{- end }}
""",
    "integer": r"""
{{/* A whole number: (list VALUE DEFAULT); 0 is set, null is not. */}}
{{- define "CHART.integer" -}}
{{- if kindIs "invalid" (index . 0) }}{{ index . 1 }}{{ else }}{{ index . 0 | int64 }}{{ end }}
{{- end }}
""",
    "boolean": r"""
{{/* True or false: (list VALUE DEFAULT); false is set, null is not. */}}
{{- define "CHART.boolean" -}}
{{- if kindIs "invalid" (index . 0) }}{{ index . 1 }}{{ else }}{{ index . 0 }}{{ end }}
{{- end }}
""",
    "added": r"""
{{/*
The elements that a value adds to a list: (list VALUES-PATH ELEMENTS NAME...), with the names that are there already.
The cluster keeps such lists by name and refuses one that stands there twice.
*/}}
{{- define "CHART.added" -}}
{{- $path := first . -}}
{{- $names := slice . 2 -}}
{{- range index . 1 -}}
{{- if has .name $names }}{{ fail (printf "%s: %s stands there already" $path .name) }}{{ end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- toYaml (index . 1) -}}
{{- end }}
""",
    "hashedName": r"""
{{/*
The name of a generated ConfigMap or Secret, with the hash of what it holds as kustomize appends it (api/hasher):
(list KIND STEM HELD). Who refers to it follows, so pods roll when it changes.
*/}}
{{- define "CHART.hashedName" -}}
{{- $hashed := dict "kind" (index . 0) "name" "" "data" "" -}}
{{- if eq (index . 0) "Secret" }}{{ $_ := set $hashed "type" "" }}{{ end -}}
{{- range $key, $value := index . 2 | fromYaml -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $hashed $key $value }}{{ end -}}
{{- end -}}
{{- $hash := $hashed | toJson | sha256sum | trunc 10 -}}
{{- $hash = $hash | replace "0" "g" | replace "1" "h" | replace "3" "k" | replace "a" "m" | replace "e" "t" -}}
{{- printf "%s-%s" (index . 1) $hash -}}
{{- end }}
""",
    "createNamespace": r"""
{{/* Whether the release's namespace is made here: as namespace.create says, else where Kustomize makes it. */}}
{{- define "CHART.createNamespace" -}}
{{- if kindIs "invalid" .Values.namespace.create -}}
{{- if has .Values.profile (list PROFILES) }}true{{ end -}}
{{- else if .Values.namespace.create }}true{{ end -}}
{{- end }}
""",
}


def helpers(chart: str, templates: Iterable[str], making_namespace: Iterable[str]) -> str:
    """Write the helpers that the templates call; `making_namespace` are the profiles that make their namespace."""
    text = "\n".join(templates)
    called = [name for name in _HELPERS if re.search(rf'include "{re.escape(chart)}\.{name}"', text)]
    profiles = " ".join(json.dumps(one) for one in sorted(making_namespace))
    return "".join(_HELPERS[name].replace("CHART", chart).replace("PROFILES", profiles) for name in called)

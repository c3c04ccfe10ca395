{{- define "quarry.configmap.agent-params.name" -}}
{{- include "quarry.hashedName" (list "ConfigMap" "agent-params" (include "quarry.configmap.agent-params" .)) -}}
{{- end }}

{{- define "quarry.configmap.console-spawner.name" -}}
{{- include "quarry.hashedName" (list "ConfigMap" "console-spawner" (include "quarry.configmap.console-spawner" .)) -}}
{{- end }}

{{- define "quarry.configmap.database-settings.name" -}}
{{- include "quarry.hashedName" (list "ConfigMap" "database-settings" (include "quarry.configmap.database-settings" .)) -}}
{{- end }}

{{- define "quarry.configmap.runs-templates.name" -}}
{{- include "quarry.hashedName" (list "ConfigMap" "runs-templates" (include "quarry.configmap.runs-templates" .)) -}}
{{- end }}

{{- define "quarry.configmap.serving-inference.name" -}}
{{- include "quarry.hashedName" (list "ConfigMap" "serving-inference" (include "quarry.configmap.serving-inference" .)) -}}
{{- end }}

{{/*
An image reference: (list . NAME REFERENCE), where REFERENCE is the one that Kustomize has.
What is set in images.NAME takes the place of its part, global.imageRegistry that of the registry.
A tag that is set drops the digest of REFERENCE, a digest that is set keeps the tag.
*/}}
{{- define "quarry.image" -}}
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

{{/* A whole number: (list VALUE DEFAULT); 0 is set, null is not. */}}
{{- define "quarry.integer" -}}
{{- if kindIs "invalid" (index . 0) }}{{ index . 1 }}{{ else }}{{ index . 0 | int64 }}{{ end }}
{{- end }}

{{/*
The elements that a value adds to a list: (list VALUES-PATH ELEMENTS NAME...), with the names that are there already.
The cluster keeps such lists by name and refuses one that stands there twice.
*/}}
{{- define "quarry.added" -}}
{{- $path := first . -}}
{{- $names := slice . 2 -}}
{{- range index . 1 -}}
{{- if has .name $names }}{{ fail (printf "%s: %s stands there already" $path .name) }}{{ end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- toYaml (index . 1) -}}
{{- end }}

{{/*
The name of a generated ConfigMap or Secret, with the hash of what it holds as kustomize appends it (api/hasher):
(list KIND STEM HELD). Who refers to it follows, so pods roll when it changes.
*/}}
{{- define "quarry.hashedName" -}}
{{- $hashed := dict "kind" (index . 0) "name" "" "data" "" -}}
{{- if eq (index . 0) "Secret" }}{{ $_ := set $hashed "type" "" }}{{ end -}}
{{- range $key, $value := index . 2 | fromYaml -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $hashed $key $value }}{{ end -}}
{{- end -}}
{{- $hash := $hashed | toJson | sha256sum | trunc 10 -}}
{{- $hash = $hash | replace "0" "g" | replace "1" "h" | replace "3" "k" | replace "a" "m" | replace "e" "t" -}}
{{- printf "%s-%s" (index . 1) $hash -}}
{{- end }}

{{/* Whether the release's namespace is made here: as namespace.create says, else where Kustomize makes it. */}}
{{- define "quarry.createNamespace" -}}
{{- if kindIs "invalid" .Values.namespace.create -}}
{{- if has .Values.profile (list "edge" "multi-user") }}true{{ end -}}
{{- else if .Values.namespace.create }}true{{ end -}}
{{- end }}

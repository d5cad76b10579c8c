{{- define "saycode.labels" -}}
app.kubernetes.io/name: saycode
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "saycode.claim" -}}
{{ .Values.volume.existing | default .Release.Name }}
{{- end }}

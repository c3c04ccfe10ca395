{{- /* One pod per trial; the controller fills this in. */ -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Name }}
  namespace: {{ .Namespace }}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: trial
          image: registry.quarry.example/runs/trial:1.1.0
          command:
            - /trial
            - --rate={{ index .Parameters "rate" }}
{{- range .Sidecars }}
        - name: {{ .Name }}
          image: {{ .Image }}
{{- end }}

module quarry.example/buildctl

go 1.24

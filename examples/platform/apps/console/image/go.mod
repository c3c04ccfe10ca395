module quarry.example/console

go 1.24

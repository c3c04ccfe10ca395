from buildkit.cli.main import main

main()

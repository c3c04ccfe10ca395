// Command buildctl is as much of moby/buildkit's as buildx's docker-container driver calls inside a container: whether
// the daemon answers (`debug workers`), and a connection to it over standard input and output (`dial-stdio`).
package main

import (
	"fmt"
	"io"
	"net"
	"os"
)

const socket = "/run/buildkit/buildkitd.sock"

func main() {
	connection, err := net.Dial("unix", socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if os.Args[len(os.Args)-1] != "dial-stdio" {
		return
	}
	go func() {
		io.Copy(connection, os.Stdin)
		connection.(*net.UnixConn).CloseWrite()
	}()
	io.Copy(os.Stdout, connection)
}

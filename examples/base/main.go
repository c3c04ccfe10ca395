// Command base is all that the sample's base image holds: a shell (mvdan.cc/sh) and the few commands that the sample's
// components call, in one static binary that compiles for every platform on every machine. Debian's busybox-static
// would do as well, but its foreign variant needs a package manager that knows foreign architectures.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

var commands = map[string]func([]string) error{
	"sh": shell, "cat": cat, "chmod": chmod, "mkdir": mkdir, "sleep": sleep, "uname": uname,
}

func main() {
	name, arguments := filepath.Base(os.Args[0]), os.Args[1:]
	command, known := commands[name]
	if !known {
		fmt.Fprintln(os.Stderr, "base: no command", name)
		os.Exit(127)
	}
	if err := command(arguments); err != nil {
		var status interp.ExitStatus
		if errors.As(err, &status) {
			os.Exit(int(status))
		}
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// shell runs `sh -c TEXT [NAME ARGUMENT...]`, `sh FILE [ARGUMENT...]` or what stands on standard input.
func shell(arguments []string) error {
	var text io.Reader = os.Stdin
	name, exit := "sh", false
	for len(arguments) > 0 && strings.HasPrefix(arguments[0], "-") && arguments[0] != "-c" {
		exit = exit || strings.Contains(arguments[0], "e")
		arguments = arguments[1:]
	}
	switch {
	case len(arguments) > 1 && arguments[0] == "-c":
		text, arguments = strings.NewReader(arguments[1]), arguments[2:]
		if len(arguments) > 0 {
			name, arguments = arguments[0], arguments[1:]
		}
	case len(arguments) > 0:
		file, err := os.Open(arguments[0])
		if err != nil {
			return err
		}
		defer file.Close()
		text, name, arguments = file, arguments[0], arguments[1:]
	}
	program, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(text, name)
	if err != nil {
		return err
	}
	params := append([]string{"--"}, arguments...)
	if exit {
		params = append([]string{"-e"}, params...)
	}
	runner, err := interp.New(interp.StdIO(os.Stdin, os.Stdout, os.Stderr), interp.Params(params...))
	if err != nil {
		return err
	}
	return runner.Run(context.Background(), program)
}

func cat(files []string) error {
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(os.Stdout, file)
		file.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func chmod(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("no mode")
	}
	mode, err := strconv.ParseUint(arguments[0], 8, 12)
	if err != nil {
		return err
	}
	for _, name := range arguments[1:] {
		if err := os.Chmod(name, os.FileMode(mode)); err != nil {
			return err
		}
	}
	return nil
}

func mkdir(arguments []string) error {
	for _, name := range arguments {
		if name == "-p" {
			continue
		}
		if err := os.MkdirAll(name, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func sleep(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("no time")
	}
	seconds, err := strconv.ParseFloat(arguments[0], 64)
	if err != nil {
		return err
	}
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	return nil
}

func uname(arguments []string) error {
	var said syscall.Utsname
	if err := syscall.Uname(&said); err != nil {
		return err
	}
	field := text(said.Sysname[:])
	if len(arguments) > 0 && arguments[0] == "-m" {
		field = text(said.Machine[:])
	}
	fmt.Println(field)
	return nil
}

// text is a C string; its characters are signed on some platforms and unsigned on others.
func text[T int8 | uint8](characters []T) string {
	var found strings.Builder
	for _, one := range characters {
		if one == 0 {
			break
		}
		found.WriteByte(byte(one))
	}
	return found.String()
}

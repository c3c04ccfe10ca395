// What BuildKit itself makes of Dockerfiles: JSON requests on standard input, a line each, JSON answers on standard
// output. tests/integration/lint/reference.py builds and asks it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type request struct {
	Kind   string            `json:"kind"`
	Text   string            `json:"text"`
	Env    map[string]string `json:"env"`
	Escape string            `json:"escape"`
	Args   map[string]string `json:"args"`
	Target string            `json:"target"`
	Build  string            `json:"build"`
	On     string            `json:"on"`
}

type heredoc struct {
	Name    string `json:"name"`
	Expand  bool   `json:"expand"`
	Chomp   bool   `json:"chomp"`
	Content string `json:"content"`
}

type pair struct {
	Name  string  `json:"name"`
	Value *string `json:"value"`
}

type instruction struct {
	Keyword  string    `json:"keyword"`
	Line     int       `json:"line"`
	EndLine  int       `json:"end_line"`
	Text     string    `json:"text"`
	Flags    []string  `json:"flags"`
	Words    []string  `json:"words"`
	Exec     bool      `json:"exec"`
	Pairs    []pair    `json:"pairs"`
	Heredocs []heredoc `json:"heredocs"`
}

type stage struct {
	Name     string `json:"name"`
	Base     string `json:"base"`
	Platform string `json:"platform"`
	Line     int    `json:"line"`
	Commands int    `json:"commands"`
}

type run struct {
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Platform string   `json:"platform"`
}

type source struct {
	Name     string `json:"name"`
	Platform string `json:"platform"`
}

type answer struct {
	Error        string        `json:"error,omitempty"`
	Line         int           `json:"line,omitempty"`
	Result       string        `json:"result"`
	Escape       string        `json:"escape,omitempty"`
	Instructions []instruction `json:"instructions,omitempty"`
	Stages       []stage       `json:"stages,omitempty"`
	Runs         []run         `json:"runs,omitempty"`
	Sources      []source      `json:"sources,omitempty"`
	Unmatched    []string      `json:"unmatched,omitempty"`
}

func failed(err error) answer {
	var located *parser.LocationError
	line := 0
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		line = located.Locations[0][0].Start.Line
	}
	return answer{Error: err.Error(), Line: line}
}

func words(node *parser.Node) []string {
	found := []string{}
	for n := node.Next; n != nil; n = n.Next {
		if len(n.Children) == 1 {
			found = append(found, n.Children[0].Value)
			found = append(found, words(n.Children[0])...)
		} else {
			found = append(found, n.Value)
		}
	}
	return found
}

func parse(text string) answer {
	tree, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return failed(err)
	}
	stages, _, err := instructions.Parse(tree.AST, linter.New(&linter.Config{Warn: func(string, string, string, string, []parser.Range) {}}))
	if err != nil {
		return failed(err)
	}
	if len(stages) == 0 {
		return answer{Error: "dockerfile contains no stages to build"}
	}
	result := answer{Escape: string(tree.EscapeToken)}
	for _, node := range tree.AST.Children {
		one := instruction{
			Keyword: strings.ToUpper(node.Value), Line: node.StartLine, EndLine: node.EndLine, Text: node.Original,
			Flags: node.Flags, Words: words(node), Exec: node.Attributes["json"],
		}
		for _, h := range node.Heredocs {
			one.Heredocs = append(one.Heredocs, heredoc{Name: h.Name, Expand: h.Expand, Chomp: h.Chomp, Content: h.Content})
		}
		command, _ := instructions.ParseInstruction(node)
		switch c := command.(type) {
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				one.Pairs = append(one.Pairs, pair{kv.Key, &kv.Value})
			}
		case *instructions.LabelCommand:
			for _, kv := range c.Labels {
				one.Pairs = append(one.Pairs, pair{kv.Key, &kv.Value})
			}
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				one.Pairs = append(one.Pairs, pair{kv.Key, kv.Value})
			}
		}
		result.Instructions = append(result.Instructions, one)
	}
	for _, s := range stages {
		result.Stages = append(result.Stages, stage{s.Name, s.BaseName, s.Platform, s.Location[0].Start.Line, len(s.Commands)})
	}
	return result
}

type env map[string]string

func (e env) Get(name string) (string, bool) { v, ok := e[name]; return v, ok }
func (e env) Keys() []string                 { return nil }

func expand(r request) answer {
	lex := shell.NewLex([]rune(r.Escape)[0])
	if r.Kind == "raw" {
		lex.SkipProcessQuotes = true
	}
	result, err := lex.ProcessWordWithMatches(r.Text, env(r.Env))
	if err != nil {
		return failed(err)
	}
	a := answer{Result: result.Result}
	for name := range result.Unmatched {
		a.Unmatched = append(a.Unmatched, name)
	}
	return a
}

type resolver struct {
	lock *sync.Mutex // it is asked by several at once
	seen *[]source
}

func (m resolver) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	p := opt.ImageOpt.Platform
	m.lock.Lock()
	defer m.lock.Unlock()
	*m.seen = append(*m.seen, source{ref, platforms.Format(*p)})
	config := fmt.Sprintf(`{"os":%q,"architecture":%q,"variant":%q,"config":{"Env":["BASE=yes"]},"rootfs":{"type":"layers","diff_ids":["sha256:%064d"]}}`, p.OS, p.Architecture, p.Variant, 1)
	return ref, "", []byte(config), nil
}

func convert(r request) answer {
	target, build := platforms.MustParse(r.On), platforms.MustParse(r.Build)
	found := []source{}
	opt := dockerfile2llb.ConvertOpt{MetaResolver: resolver{&sync.Mutex{}, &found}}
	opt.TargetPlatform = &target
	opt.BuildPlatforms = []ocispecs.Platform{build}
	opt.BuildArgs = r.Args
	opt.Target = r.Target
	state, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(r.Text), opt)
	if err != nil {
		return failed(err)
	}
	definition, err := state.State.Marshal(context.Background())
	if err != nil {
		return failed(err)
	}
	a := answer{Sources: found}
	for _, dt := range definition.Def {
		var op pb.Op
		if err := op.Unmarshal(dt); err != nil {
			return failed(err)
		}
		if e := op.GetExec(); e != nil {
			p := op.Platform
			on := platforms.Format(platforms.Normalize(ocispecs.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant}))
			a.Runs = append(a.Runs, run{e.Meta.Args, e.Meta.Env, on})
		}
	}
	return a
}

func answered(r request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{Error: fmt.Sprintf("panic: %v", p)}
		}
	}()
	switch r.Kind {
	case "parse":
		return parse(r.Text)
	case "llb":
		return convert(r)
	}
	return expand(r)
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for scanner.Scan() {
		var r request
		if err := json.NewDecoder(bytes.NewReader(scanner.Bytes())).Decode(&r); err != nil {
			panic(err)
		}
		_ = out.Encode(answered(r))
	}
}

// Command console serves one page that says which platform it runs on; `console -once` prints it and ends.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"runtime"
)

func page() string {
	return fmt.Sprintf("console on %s/%s\n", runtime.GOOS, runtime.GOARCH)
}

func main() {
	once := flag.Bool("once", false, "print the page and end")
	listen := flag.String("listen", ":8080", "address to serve on")
	flag.Parse()
	if *once {
		fmt.Print(page())
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page()) })
	log.Fatal(http.ListenAndServe(*listen, nil))
}

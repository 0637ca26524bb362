package main

import "os"

func init() {
	more["npm"] = func(string) error {
		b, err := os.ReadFile("scripts/catalog/recipes/npm.txt")
		if err != nil {
			return err
		}
		return writeData("npm.zst", string(b))
	}
}

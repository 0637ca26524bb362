package main

import "os"

func init() {
	more["pip"] = func(string) error {
		b, err := os.ReadFile("scripts/catalog/recipes/pip.txt")
		if err != nil {
			return err
		}
		return writeData("pip.zst", string(b))
	}
}

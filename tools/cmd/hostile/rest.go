package main

func ignores() []shape        { return nil }
func repositories() []shape   { return nil }
func configurations() []shape { return nil }
func descriptions() []shape   { return nil }

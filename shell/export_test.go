package shell

// MaxDepth is the limit of nested constructs.
const MaxDepth = maxDepth

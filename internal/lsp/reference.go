package lsp

import "strings"

// entry is what the hover says about an instruction or a flag.
type entry struct {
	name string // COPY, or COPY --from
	form string // how it is written
	text string // one paragraph
}

// entries are all instructions, each followed by its flags. The list is data of the program and is never changed.
var entries = [...]entry{
	{
		"FROM", "FROM [--platform=PLATFORM] IMAGE [AS NAME]",
		"Begins a stage on an image, an earlier stage or `scratch`. The last stage is what the build makes unless it is told another one.",
	},
	{
		"FROM --platform", "--platform=linux/amd64",
		"The platform of the image. Without it, that of the target. `$BUILDPLATFORM` runs the stage natively on the machine that builds.",
	},
	{
		"RUN", "RUN [FLAGS] COMMAND",
		"Runs a command in a new container and keeps what it changed as a layer. The shell form runs in the shell of `SHELL`, the JSON form without one, and a heredoc as a script.",
	},
	{
		"RUN --mount", "--mount=type=TYPE[,target=PATH][,OPTION=VALUE…]",
		"Mounts something for this step only: files of the build context or of another stage (`bind`), a directory that outlives the build (`cache`), memory (`tmpfs`), a secret, or an SSH agent (`ssh`). Nothing of it is in the layer.",
	},
	{
		"RUN --network", "--network=default|none|host",
		"The network of this step. `none` proves that the step downloads nothing; `host` needs an entitlement.",
	},
	{
		"RUN --security", "--security=sandbox|insecure",
		"`insecure` runs the step without a sandbox. The builder must allow it.",
	},
	{
		"RUN --device", "--device=NAME[,required]",
		"Gives the step a CDI device of the builder, such as a graphics card.",
	},
	{
		"COPY", "COPY [FLAGS] SOURCE… DESTINATION",
		"Copies files of the build context, or of a stage or image with `--from`. Of a directory, its contents are copied. A relative destination begins at `WORKDIR`; several sources need one that ends in `/`.",
	},
	{
		"COPY --from", "--from=STAGE|IMAGE|CONTEXT",
		"Copies from a stage, an image or a named context instead of the build context.",
	},
	{
		"COPY --chown", "--chown=USER[:GROUP]",
		"The owner of what is copied. Without it, files belong to root, whatever `USER` says. Names are looked up in the image.",
	},
	{
		"COPY --chmod", "--chmod=MODE",
		"The permissions of files and directories that are copied, such as `755` or `u=rwX,go=rX`.",
	},
	{
		"COPY --link", "--link[=true|false]",
		"Makes a layer that does not depend on the layers below it, so it stays in the cache when they change. Links in the destination path are then not followed.",
	},
	{
		"COPY --parents", "--parents[=true|false]",
		"Keeps the directories of the source path. `/./` marks where they begin.",
	},
	{
		"COPY --exclude", "--exclude=PATTERN",
		"Leaves out what matches the pattern, in addition to `.dockerignore`. It may be given several times.",
	},
	{
		"ADD", "ADD [FLAGS] SOURCE… DESTINATION",
		"Like `COPY`, and also unpacks local tar archives and fetches URLs and git repositories.",
	},
	{
		"ADD --checksum", "--checksum=sha256:DIGEST",
		"The build fails unless the download has this digest. For a git repository it is a commit.",
	},
	{
		"ADD --keep-git-dir", "--keep-git-dir[=true|false]",
		"Keeps `.git` of a repository.",
	},
	{
		"ADD --unpack", "--unpack[=true|false]",
		"Whether an archive is unpacked. Without it, local archives are and downloads are not.",
	},
	{
		"ADD --chown", "--chown=USER[:GROUP]",
		"The owner of what is added. Without it, files belong to root, whatever `USER` says.",
	},
	{
		"ADD --chmod", "--chmod=MODE",
		"The permissions of what is added, such as `755`.",
	},
	{
		"ADD --link", "--link[=true|false]",
		"Makes a layer that does not depend on the layers below it, so it stays in the cache when they change.",
	},
	{
		"ADD --exclude", "--exclude=PATTERN",
		"Leaves out what matches the pattern. It may be given several times.",
	},
	{
		"ARG", "ARG NAME[=DEFAULT]…",
		"Declares a build argument, which `--build-arg` may set. It holds from here to the end of the stage and is not in the image, but it is in the history. Above the first `FROM`, only `FROM` sees it; a bare `ARG NAME` in a stage makes it visible there.",
	},
	{
		"ENV", "ENV NAME=VALUE…",
		"Sets environment variables for the steps that follow, for stages built from this one and for containers.",
	},
	{
		"WORKDIR", "WORKDIR PATH",
		"Sets the directory of the steps that follow and of containers. It is created if it does not exist. A relative path begins at the previous one.",
	},
	{
		"USER", "USER NAME|UID[:GROUP|GID]",
		"Sets the user of the steps that follow and of containers. The name must exist in the image. `COPY` does not follow it.",
	},
	{
		"CMD", "CMD [\"PROGRAM\", \"ARGUMENT\"…] | CMD COMMAND",
		"What a container runs unless it is told something else, or the default arguments of `ENTRYPOINT`. The last one of a stage is used. In JSON form the program gets signals such as that of `docker stop`.",
	},
	{
		"ENTRYPOINT", "ENTRYPOINT [\"PROGRAM\", \"ARGUMENT\"…] | ENTRYPOINT COMMAND",
		"The program that a container always runs, with `CMD` or the arguments of `docker run` after it. In shell form both are ignored.",
	},
	{
		"EXPOSE", "EXPOSE PORT[/PROTOCOL]…",
		"Says which ports the application listens on. It publishes nothing, but `docker run -P` and other tools read it.",
	},
	{
		"HEALTHCHECK", "HEALTHCHECK [FLAGS] CMD COMMAND | HEALTHCHECK NONE",
		"A command that says whether the container works: exit code 0 is healthy, 1 is not. Docker and Compose use it; Kubernetes does not.",
	},
	{"HEALTHCHECK --interval", "--interval=DURATION", "The time between two checks; 30 seconds by default."},
	{"HEALTHCHECK --timeout", "--timeout=DURATION", "How long a check may take before it counts as failed; 30 seconds by default."},
	{"HEALTHCHECK --start-period", "--start-period=DURATION", "How long failures do not count after the start; 0 by default."},
	{"HEALTHCHECK --start-interval", "--start-interval=DURATION", "The time between checks during the start period; 5 seconds by default."},
	{"HEALTHCHECK --retries", "--retries=N", "How many failures in a row make the container unhealthy; 3 by default."},
	{
		"LABEL", "LABEL KEY=VALUE…",
		"Adds metadata to the image. The keys of the OCI begin with `org.opencontainers.image.`.",
	},
	{
		"SHELL", "SHELL [\"PROGRAM\", \"ARGUMENT\"…]",
		"The shell of all shell forms that follow; `[\"/bin/sh\", \"-c\"]` by default.",
	},
	{
		"STOPSIGNAL", "STOPSIGNAL SIGNAL",
		"The signal that stops a container; `SIGTERM` by default.",
	},
	{
		"VOLUME", "VOLUME PATH…",
		"Containers get an anonymous volume at this path. With the classic builder, later steps cannot change what is in it.",
	},
	{
		"ONBUILD", "ONBUILD INSTRUCTION",
		"Stores an instruction that runs when another build uses this image in its `FROM`.",
	},
	{
		"MAINTAINER", "MAINTAINER NAME",
		"Deprecated. Use `LABEL org.opencontainers.image.authors=NAME`.",
	},
}

// mountEntry is what there is to say about a key of `--mount`.
type mountEntry struct {
	entry
	types []string // of mounts for which it means something
	bare  bool     // it is written without a value
}

// mountKeys are the keys of `--mount` that have a meaning for some type. BuildKit accepts more. The list is data of the program and is
// never changed.
var mountKeys = [...]mountEntry{
	{entry{"type", "type=bind|cache|tmpfs|secret|ssh", "What is mounted; `bind` by default."}, mountTypes[:], false},
	{entry{
		"target", "target=PATH", "Where it is mounted. A relative path begins at `WORKDIR`. Without it, a secret is in `/run/secrets`.",
	}, mountTypes[:], false},
	{entry{"source", "source=PATH", "The path in `from` that is mounted; its root by default."}, []string{"bind", "cache"}, false},
	{entry{
		"from", "from=STAGE|IMAGE|CONTEXT", "The stage, image or named context that is mounted; the build context by default, and an empty directory for a cache.",
	}, []string{"bind", "cache"}, false},
	{entry{
		"id", "id=NAME", "The name of the cache, secret or agent; by default the target of a cache, the last part of a secret's target, `default` for an agent.",
	}, []string{"cache", "secret", "ssh"}, false},
	{entry{
		"sharing", "sharing=shared|private|locked", "What another step that uses the cache at the same time does: `shared` uses it too, `private` gets another one, `locked` waits.",
	}, []string{"cache"}, false},
	{entry{"readonly", "readonly[=true|false]", "The step cannot write to it."}, []string{"cache"}, true},
	{entry{
		"readwrite", "readwrite[=true|false]", "The step can write to it. What it writes is discarded.",
	}, []string{"bind"}, true},
	{entry{
		"required", "required[=true|false]", "The step fails if the build does not provide it.",
	}, []string{"secret", "ssh"}, true},
	{entry{"env", "env=NAME", "The environment variable that the secret is in, instead of a file."}, []string{"secret"}, false},
	{entry{"size", "size=SIZE", "The largest size, such as `64m`."}, []string{"tmpfs"}, false},
	{entry{"mode", "mode=MODE", "The permissions, in octal."}, []string{"cache", "secret", "ssh"}, false},
	{entry{"uid", "uid=UID", "The owner; 0 by default."}, []string{"cache", "secret", "ssh"}, false},
	{entry{"gid", "gid=GID", "The group; 0 by default."}, []string{"cache", "secret", "ssh"}, false},
}

var mountTypes = [...]string{"bind", "cache", "tmpfs", "secret", "ssh"}

// mountKey is the usual name of a key of `--mount`.
func mountKey(key string) string {
	switch key = strings.ToLower(key); key {
	case "src":
		return "source"
	case "dst", "destination":
		return "target"
	case "ro":
		return "readonly"
	case "rw":
		return "readwrite"
	}
	return key
}

// describe is the entry called name, nil if there is none.
func describe(name string) *entry {
	for i := range entries {
		if entries[i].name == name {
			return &entries[i]
		}
	}
	return nil
}

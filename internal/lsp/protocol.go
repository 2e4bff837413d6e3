package lsp

import (
	"encoding/json"
	"fmt"
)

// These are the types of the Language Server Protocol 3.17, and of 3.18 where clients already ask for it, as far as this
// server uses them. A member that may be missing is a pointer, or is left out if it is empty.

type (
	// uri identifies a document, as the client writes it.
	uri = string

	position struct {
		Line      int `json:"line"`      // from 0
		Character int `json:"character"` // from 0, in code units of the encoding that was agreed on
	}
	span struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}
	location struct {
		URI   uri  `json:"uri"`
		Range span `json:"range"`
	}
	documentID struct {
		URI     uri  `json:"uri"`
		Version *int `json:"version,omitempty"`
	}
)

type initializeParams struct {
	ProcessID  *int `json:"processId"`
	ClientInfo *struct {
		Name string `json:"name"`
	} `json:"clientInfo"`
	RootURI               *uri              `json:"rootUri"`
	RootPath              *string           `json:"rootPath"`
	WorkspaceFolders      []workspaceFolder `json:"workspaceFolders"`
	InitializationOptions json.RawMessage   `json:"initializationOptions"`
	Capabilities          capabilities      `json:"capabilities"`
}

type workspaceFolder struct {
	URI  uri    `json:"uri"`
	Name string `json:"name"`
}

// capabilities are those of the client that decide something here.
type capabilities struct {
	General struct {
		PositionEncodings []string `json:"positionEncodings"`
	} `json:"general"`
	TextDocument struct {
		Diagnostic *struct {
			RelatedInformation bool `json:"relatedInformation"`
		} `json:"diagnostic"`
		PublishDiagnostics struct {
			RelatedInformation bool `json:"relatedInformation"`
			VersionSupport     bool `json:"versionSupport"`
		} `json:"publishDiagnostics"`
		CodeAction struct {
			LiteralSupport *struct{} `json:"codeActionLiteralSupport"`
		} `json:"codeAction"`
		Hover struct {
			ContentFormat []string `json:"contentFormat"`
		} `json:"hover"`
		DocumentSymbol struct {
			Hierarchical bool `json:"hierarchicalDocumentSymbolSupport"`
		} `json:"documentSymbol"`
		Completion struct {
			Item struct {
				Snippets      bool     `json:"snippetSupport"`
				InsertReplace bool     `json:"insertReplaceSupport"`
				Formats       []string `json:"documentationFormat"`
				Tags          struct {
					Values []int `json:"valueSet"`
				} `json:"tagSupport"`
			} `json:"completionItem"`
		} `json:"completion"`
	} `json:"textDocument"`
	Workspace struct {
		Configuration bool `json:"configuration"`
		WorkspaceEdit struct {
			DocumentChanges    bool     `json:"documentChanges"`
			ResourceOperations []string `json:"resourceOperations"`
		} `json:"workspaceEdit"`
		DidChangeWatchedFiles struct {
			DynamicRegistration bool `json:"dynamicRegistration"`
		} `json:"didChangeWatchedFiles"`
		DidChangeConfiguration struct {
			DynamicRegistration bool `json:"dynamicRegistration"`
		} `json:"didChangeConfiguration"`
		Diagnostics struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"diagnostics"`
		InlayHint struct {
			RefreshSupport bool `json:"refreshSupport"`
		} `json:"inlayHint"`
	} `json:"workspace"`
	Window struct {
		ShowDocument struct {
			Support bool `json:"support"`
		} `json:"showDocument"`
	} `json:"window"`
}

type initializeResult struct {
	Capabilities serverCapabilities `json:"capabilities"`
	ServerInfo   serverInfo         `json:"serverInfo"`
}

type serverInfo struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type serverCapabilities struct {
	PositionEncoding          string             `json:"positionEncoding"`
	TextDocumentSync          syncOptions        `json:"textDocumentSync"`
	DiagnosticProvider        *diagnosticOptions `json:"diagnosticProvider,omitempty"`
	HoverProvider             bool               `json:"hoverProvider"`
	DefinitionProvider        bool               `json:"definitionProvider"`
	ReferencesProvider        bool               `json:"referencesProvider"`
	DocumentHighlightProvider bool               `json:"documentHighlightProvider"`
	DocumentSymbolProvider    bool               `json:"documentSymbolProvider"`
	FoldingRangeProvider      bool               `json:"foldingRangeProvider"`
	FormattingProvider        bool               `json:"documentFormattingProvider"`
	CompletionProvider        struct {
		TriggerCharacters []string `json:"triggerCharacters"`
	} `json:"completionProvider"`
	SelectionRangeProvider  bool                  `json:"selectionRangeProvider"`
	DocumentLinkProvider    struct{}              `json:"documentLinkProvider"`
	InlayHintProvider       bool                  `json:"inlayHintProvider"`
	WorkspaceSymbolProvider bool                  `json:"workspaceSymbolProvider"`
	SemanticTokensProvider  semanticTokensOptions `json:"semanticTokensProvider"`
	RenameProvider          struct {
		PrepareProvider bool `json:"prepareProvider"`
	} `json:"renameProvider"`
	CodeActionProvider     *codeActionOptions     `json:"codeActionProvider,omitempty"`
	ExecuteCommandProvider *executeCommandOptions `json:"executeCommandProvider,omitempty"`
	Workspace              struct {
		WorkspaceFolders struct {
			Supported           bool `json:"supported"`
			ChangeNotifications bool `json:"changeNotifications"`
		} `json:"workspaceFolders"`
	} `json:"workspace"`
}

type syncOptions struct {
	OpenClose bool `json:"openClose"`
	Change    int  `json:"change"`
	Save      struct {
		IncludeText bool `json:"includeText"`
	} `json:"save"`
}

// incremental is the kind of synchronisation that sends edits.
const incremental = 2

type diagnosticOptions struct {
	Identifier            string `json:"identifier"`
	InterFileDependencies bool   `json:"interFileDependencies"`
	WorkspaceDiagnostics  bool   `json:"workspaceDiagnostics"`
}

type codeActionOptions struct {
	CodeActionKinds []string `json:"codeActionKinds"`
}

type executeCommandOptions struct {
	Commands []string `json:"commands"`
}

type didOpenParams struct {
	TextDocument struct {
		URI        uri    `json:"uri"`
		LanguageID string `json:"languageId"`
		Version    int    `json:"version"`
		Text       string `json:"text"`
	} `json:"textDocument"`
}

type didChangeParams struct {
	TextDocument   documentID `json:"textDocument"`
	ContentChanges []change   `json:"contentChanges"`
}

// change is an edit, or the whole text if it has no Range.
type change struct {
	Range *span  `json:"range"`
	Text  string `json:"text"`
}

type didSaveParams struct {
	TextDocument documentID `json:"textDocument"`
	Text         *string    `json:"text"`
}

type didChangeWatchedFilesParams struct {
	Changes []struct {
		URI uri `json:"uri"`
	} `json:"changes"`
}

type didChangeWorkspaceFoldersParams struct {
	Event struct {
		Added   []workspaceFolder `json:"added"`
		Removed []workspaceFolder `json:"removed"`
	} `json:"event"`
}

type didChangeConfigurationParams struct {
	Settings json.RawMessage `json:"settings"`
}

type diagnostic struct {
	Range              span             `json:"range"`
	Severity           int              `json:"severity"`
	Code               string           `json:"code,omitempty"`
	CodeDescription    *codeDescription `json:"codeDescription,omitempty"`
	Source             string           `json:"source"`
	Message            string           `json:"message"`
	Tags               []int            `json:"tags,omitempty"`
	RelatedInformation []related        `json:"relatedInformation,omitempty"`
}

type codeDescription struct {
	Href uri `json:"href"`
}

type related struct {
	Location location `json:"location"`
	Message  string   `json:"message"`
}

// The severities and tags of diagnostics.
const (
	severityError       = 1
	severityWarning     = 2
	severityInformation = 3

	tagUnnecessary = 1
	tagDeprecated  = 2
)

type publishDiagnosticsParams struct {
	URI         uri          `json:"uri"`
	Version     *int         `json:"version,omitempty"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type documentDiagnosticParams struct {
	TextDocument     documentID `json:"textDocument"`
	PreviousResultID string     `json:"previousResultId"`
}

// documentDiagnosticReport has no Items, not even an empty list, if Kind is unchanged.
type documentDiagnosticReport struct {
	Kind     string        `json:"kind"`
	ResultID string        `json:"resultId,omitempty"`
	Items    *[]diagnostic `json:"items,omitempty"`
}

type registration struct {
	ID              string `json:"id"`
	Method          string `json:"method"`
	RegisterOptions any    `json:"registerOptions,omitempty"`
}

// codes are the errors of LSP.
const (
	codeServerNotInitialized = -32002
	codeServerCancelled      = -32802
	codeContentModified      = -32801
	codeRequestCancelled     = -32800
)

// The kinds of message that window/showMessage and window/logMessage know.
const (
	messageError   = 1
	messageWarning = 2
	messageInfo    = 3
	messageLog     = 4
)

// decode reads params into what v points at.
func decode(v any, params *json.RawMessage) error {
	if params == nil {
		return invalidParams("the parameters are missing")
	}
	if err := json.Unmarshal(*params, v); err != nil {
		return invalidParams(err.Error())
	}
	return nil
}

// invalidParams is an error in what the client asked for.
type invalidParams string

func (e invalidParams) Error() string { return fmt.Sprintf("invalid parameters: %s", string(e)) }

type (
	// at are the parameters of a request about a place in a document.
	at struct {
		TextDocument documentID `json:"textDocument"`
		Position     position   `json:"position"`
	}
	textEdit struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	}
	// versionedID has a null version for a document that is not open.
	versionedID struct {
		URI     uri  `json:"uri"`
		Version *int `json:"version"`
	}
	textDocumentEdit struct {
		TextDocument versionedID `json:"textDocument"`
		Edits        []textEdit  `json:"edits"`
	}
	createFile struct {
		Kind string `json:"kind"`
		URI  uri    `json:"uri"`
	}
	// workspaceEdit has DocumentChanges (textDocumentEdit and createFile) if the client knows them, and else Changes.
	workspaceEdit struct {
		Changes         map[uri][]textEdit `json:"changes,omitempty"`
		DocumentChanges []any              `json:"documentChanges,omitempty"`
	}
)

type codeActionParams struct {
	TextDocument documentID `json:"textDocument"`
	Range        span       `json:"range"`
	Context      struct {
		Only []string `json:"only"`
	} `json:"context"`
}

type codeAction struct {
	Title       string         `json:"title"`
	Kind        string         `json:"kind"`
	Diagnostics []diagnostic   `json:"diagnostics,omitempty"`
	IsPreferred bool           `json:"isPreferred,omitempty"`
	Edit        *workspaceEdit `json:"edit,omitempty"`
	Command     *command       `json:"command,omitempty"`
}

type command struct {
	Title     string `json:"title"`
	Command   string `json:"command"`
	Arguments []any  `json:"arguments,omitempty"`
}

type executeCommandParams struct {
	Command   string `json:"command"`
	Arguments []any  `json:"arguments"`
}

type documentParams struct {
	TextDocument documentID `json:"textDocument"`
}

type referenceParams struct {
	TextDocument documentID `json:"textDocument"`
	Position     position   `json:"position"`
	Context      struct {
		IncludeDeclaration bool `json:"includeDeclaration"`
	} `json:"context"`
}

type renameParams struct {
	TextDocument documentID `json:"textDocument"`
	Position     position   `json:"position"`
	NewName      string     `json:"newName"`
}

type documentHighlight struct {
	Range span `json:"range"`
	Kind  int  `json:"kind"`
}

type documentSymbol struct {
	Name           string           `json:"name"`
	Detail         string           `json:"detail,omitempty"`
	Kind           int              `json:"kind"`
	Range          span             `json:"range"`
	SelectionRange span             `json:"selectionRange"`
	Children       []documentSymbol `json:"children,omitempty"`
}

type symbolInformation struct {
	Name          string   `json:"name"`
	Kind          int      `json:"kind"`
	Location      location `json:"location"`
	ContainerName string   `json:"containerName,omitempty"`
}

type foldingRange struct {
	StartLine int    `json:"startLine"`
	EndLine   int    `json:"endLine"`
	Kind      string `json:"kind,omitempty"`
}

type hover struct {
	Contents markup `json:"contents"`
	Range    *span  `json:"range,omitempty"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// completionList is complete: what is typed next only narrows it down.
type completionList struct {
	IsIncomplete bool             `json:"isIncomplete"`
	Items        []completionItem `json:"items"`
}

type completionItem struct {
	Label            string         `json:"label"`
	Kind             int            `json:"kind"`
	Tags             []int          `json:"tags,omitempty"`
	Detail           string         `json:"detail,omitempty"`
	Documentation    *markup        `json:"documentation,omitempty"`
	SortText         string         `json:"sortText"`
	FilterText       string         `json:"filterText"`
	InsertTextFormat int            `json:"insertTextFormat,omitempty"` // 2 for a snippet
	TextEdit         completionEdit `json:"textEdit"`

	text       string // what is written, if it is not Label
	snippet    string // what is written if the client knows snippets
	filter     string // what the user may type to get it, if it is not text
	deprecated bool
}

// completionEdit has Range, or Insert and Replace if the client lets the user choose.
type completionEdit struct {
	NewText string `json:"newText"`
	Range   *span  `json:"range,omitempty"`
	Insert  *span  `json:"insert,omitempty"`
	Replace *span  `json:"replace,omitempty"`
}

type semanticTokensOptions struct {
	Legend struct {
		TokenTypes     []string `json:"tokenTypes"`
		TokenModifiers []string `json:"tokenModifiers"`
	} `json:"legend"`
	Full  bool `json:"full"`
	Range bool `json:"range"`
}

type semanticTokensParams struct {
	TextDocument documentID `json:"textDocument"`
	Range        *span      `json:"range"` // nil for the whole document
}

type semanticTokens struct {
	Data []int `json:"data"`
}

type selectionRangeParams struct {
	TextDocument documentID `json:"textDocument"`
	Positions    []position `json:"positions"`
}

type selectionRange struct {
	Range  span            `json:"range"`
	Parent *selectionRange `json:"parent,omitempty"`
}

type documentLink struct {
	Range  span   `json:"range"`
	Target string `json:"target"`
}

type inlayHintParams struct {
	TextDocument documentID `json:"textDocument"`
	Range        span       `json:"range"`
}

type inlayHint struct {
	Position    position `json:"position"`
	Label       string   `json:"label"`
	PaddingLeft bool     `json:"paddingLeft"`
}

type workspaceSymbolParams struct {
	Query string `json:"query"`
}

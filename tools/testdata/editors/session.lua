-- What a user does in Neovim, after the configuration of docs/editors.md. What is seen goes to OUT, a line for each.
local out = {}
local function say(...) table.insert(out, string.format(...)) end
local function wait(what, cond)
  if not vim.wait(10000, cond, 20) then say('no %s', what) end
end
local function has(code)
  for _, d in ipairs(vim.diagnostic.get(0)) do
    if d.code == code then return d end
  end
end
local function ask(method, params)
  for _, r in pairs(vim.lsp.buf_request_sync(0, method, params, 10000) or {}) do return r.result end
end

local ok, err = pcall(function()
  vim.cmd('edit Dockerfile')
  wait('diagnostics', function() return has('maintainer-instruction') end)
  local seen = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    local key = ('%d:%d %s'):format(d.lnum + 1, d.col + 1, d.code)
    if seen[key] then say('twice: %s', key) end
    seen[key] = true
  end
  local d = has('maintainer-instruction')
  say('diagnostic %d:%d-%d %s', d.lnum + 1, d.col + 1, d.end_col + 1, d.code)

  vim.fn.cursor(1, 9)
  local hover = ask('textDocument/hover', vim.lsp.util.make_position_params())
  say('hover %s', hover.contents.value:match('[^\n]*'))

  vim.fn.cursor(4, 1)
  vim.cmd('normal! o')
  vim.fn.setline(5, 'COPY --from=')
  vim.fn.cursor(5, 13)
  local position = vim.lsp.util.make_position_params()
  position.position.character = 12
  local items = ask('textDocument/completion', position).items
  say('completion %s', items[1].label)
  vim.cmd('undo')

  local client = vim.lsp.get_active_clients()[1]
  local params = vim.lsp.util.make_range_params()
  params.range = { start = { line = 1, character = 0 }, ['end'] = { line = 1, character = 10 } }
  params.context = { diagnostics = {}, only = { 'quickfix' } }
  for _, action in ipairs(ask('textDocument/codeAction', params)) do
    if action.edit then
      say('action %s', action.title)
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
      break
    end
  end
  wait('end of the finding', function() return not has('maintainer-instruction') end)
  say('line %s', vim.fn.getline(2))

  vim.fn.cursor(1, 27)
  vim.lsp.buf.rename('deps')
  wait('new name', function() return vim.fn.getline(1):match('deps$') end)
  say('line %s', vim.fn.getline(3))

  if vim.lsp.buf.formatting_sync then vim.lsp.buf.formatting_sync(nil, 10000) else vim.lsp.buf.format({ timeout_ms = 10000 }) end
  say('line %s', vim.fn.getline('$'))
end)
if not ok then say('%s', err) end
vim.fn.writefile(out, vim.env.OUT)
vim.cmd('qa!')

/** The scripts that make a shell ask for completions. Each asks `norbridge` on the PATH, never a program that was typed. */

import { ASK_COMPLETIONS as ASK, type Shell } from "./completion-words.ts";

const BASH = `# bash completion for norbridge. To install it, for this user:
#   norbridge completion bash > ~/.local/share/bash-completion/completions/norbridge
_norbridge() {
  local line word names= cut
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :files) names=file ;;
      :folders) names=directory ;;
      :open) compopt -o nospace 2>/dev/null ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(command norbridge ${ASK} bash "$COMP_LINE" "$COMP_POINT" "$COMP_WORDBREAKS" 2>/dev/null)
  if [[ -n $names ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -A "$names" -- "$2")
  fi
}
complete -F _norbridge norbridge
`;

const ZSH = `#compdef norbridge
# zsh completion for norbridge. To install it, in a folder of your $fpath:
#   norbridge completion zsh > "\${fpath[1]}/_norbridge"
_norbridge() {
  local line names= open=
  local -a values shown
  while IFS= read -r line; do
    case "$line" in
      :files) names=files ;;
      :folders) names=folders ;;
      :open) open=1 ;;
      *$'\\t'*) values+=("\${line%%$'\\t'*}"); shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}") ;;
      *) values+=("$line"); shown+=("$line") ;;
    esac
  done < <(command norbridge ${ASK} zsh "=\${(Q)PREFIX}" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)
  if (( \${#values} )); then
    if [[ -n $open ]]; then compadd -S '' -l -d shown -a values; else compadd -l -d shown -a values; fi
  fi
  [[ $names == files ]] && _files
  [[ $names == folders ]] && _files -/
  return 0
}
if [[ $funcstack[1] == _norbridge ]]; then
  _norbridge "$@"
else
  compdef _norbridge norbridge
fi
`;

const FISH = `# fish completion for norbridge. To install it:
#   norbridge completion fish > ~/.config/fish/completions/norbridge.fish
function __norbridge_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in (command norbridge ${ASK} fish "="(string unescape -- $current; or echo -- $current) $before[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $current
            case :folders
                __fish_complete_directories $current
            case :open
            case '*'
                echo $line
        end
    end
end
complete -c norbridge -f -a '(__norbridge_complete)'
`;

const POWERSHELL = `# PowerShell completion for norbridge. To install it:
#   norbridge completion powershell >> $PROFILE
Register-ArgumentCompleter -Native -CommandName norbridge -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $before = @($commandAst.CommandElements |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    Select-Object -Skip 1 |
    ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.ToString() } })
  $current = $wordToComplete.Trim("'", '"')
  # Without an answer PowerShell lists files by itself.
  & norbridge ${ASK} powershell "=$current" @before 2>$null | ForEach-Object {
    if ($_ -notmatch '^:(files|folders|open)$') {
      $value, $about = $_ -split "\`t", 2
      $text = if ($value -match '[\\s&?;,(){}]') { "'" + $value.Replace("'", "''") + "'" } else { $value }
      $tip = if ($about) { $about } else { $value }
      [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $tip)
    }
  }
}
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };

/** The script for a shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

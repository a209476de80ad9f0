# The same as Clear.sh, for Windows PowerShell: outlives the process that owns a sandbox, and then clears it away.
# Standard input is a pipe that only the owner holds; "keep" on it detaches.
$ErrorActionPreference = 'SilentlyContinue'
$folder = $env:MAINTENANCE_SANDBOX_FOLDER
$record = $env:MAINTENANCE_SANDBOX_RECORD
Set-Location $env:SystemRoot

while ($null -ne ($line = [Console]::In.ReadLine())) {
    if ($line -eq 'keep') { exit 0 }
}

# Kills the process that a file names, if its command line names this sandbox's folder.
function Stop-Ours([string] $File) {
    $id = [int](Get-Content -LiteralPath $File -TotalCount 1)
    if ($id -le 0) { return }
    $process = Get-CimInstance Win32_Process -Filter "ProcessId = $id"
    if ($process.CommandLine -like "*$(Split-Path -Leaf $folder)*") {
        Stop-Process -Id $id -Force
        Wait-Process -Id $id -Timeout 5
    }
}

$data = Join-Path $folder 'server\data'
$postmaster = Join-Path $data 'postmaster.pid'
if (Test-Path -LiteralPath $postmaster) {
    & $env:MAINTENANCE_SANDBOX_PG_CTL stop -D $data -m immediate -w -t 10 | Out-Null
    Stop-Ours $postmaster
}
Stop-Ours (Join-Path $folder 'azurite\azurite.pid')

for ($tries = 0; $tries -lt 50 -and (Test-Path -LiteralPath $folder); $tries++) {
    Remove-Item -LiteralPath $folder -Recurse -Force
    if (Test-Path -LiteralPath $folder) { Start-Sleep -Milliseconds 100 }
}

# Folders above it that were made for it go too, unless somebody has put something there.
foreach ($made in "$env:MAINTENANCE_SANDBOX_MADE".Split([char[]]'|', [StringSplitOptions]::RemoveEmptyEntries)) {
    try { [IO.Directory]::Delete($made) } catch { break }
}

if (-not (Test-Path -LiteralPath $folder)) { Remove-Item -LiteralPath $record -Force }

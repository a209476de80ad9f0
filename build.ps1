#!/usr/bin/env pwsh

<#
.SYNOPSIS
Builds, tests, packs or cleans the Maintenance module.
.DESCRIPTION
A door for people with pwsh: every task only calls dotnet, so everything works without pwsh as well.
Build leaves the importable module in artifacts/module/Maintenance, Pack the packages in artifacts/package.
.PARAMETER Task
What to do, in this order: Build, Test, Pack or Clean.
.PARAMETER Configuration
What Build, Test and Clean are about; packages are always those of a release.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 -Task Test
.EXAMPLE
./build.ps1 -Task Pack
Publish-PSResource -NupkgPath ./artifacts/package/Maintenance.0.1.0.nupkg -Repository MyRepository
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pack', 'Clean')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

foreach ($name in $Task) {
    switch ($name) {
        'Build' { Invoke-Dotnet build Maintenance.sln --configuration $Configuration }
        'Test' { Invoke-Dotnet test --configuration $Configuration }
        'Pack' { Invoke-Dotnet build src/Pack.proj }
        'Clean' {
            Invoke-Dotnet clean Maintenance.sln --configuration $Configuration
            if (Test-Path artifacts) { Remove-Item artifacts -Recurse -Force }
        }
    }
}

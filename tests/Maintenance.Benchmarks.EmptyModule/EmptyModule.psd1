@{
    RootModule = 'Maintenance.Benchmarks.EmptyModule.dll'
    ModuleVersion = '1.0.0'
    GUID = '7c6f0c43-6a55-4d55-9f6b-4b1d3b1a0f0e'
    Author = 'The Maintenance authors'
    CompanyName = 'The Maintenance authors'
    Copyright = '(c) The Maintenance authors. MIT licence.'
    Description = 'One cmdlet that does nothing.'
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')
    CmdletsToExport = @('Get-Nothing')
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}

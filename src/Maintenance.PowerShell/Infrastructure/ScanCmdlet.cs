using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>A cmdlet that has scanners look at source code, and gives what they find and what they could not find out.</summary>
public abstract class ScanCmdlet : MaintenanceCmdlet
{
    /// <summary>Folders or files to look at. Default: the current folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = ["."];

    /// <summary>Names of the scanners that must run; one that has nothing to read here, or is not installed, gives a finding with outcome Unknown. Default: those that fit what is there.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(Completion.ScannerCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Scanner { get; set; }

    /// <summary>A file that a scanner wrote, to be read in place of running one; which scanner it was is told by what is in it, unless -Scanner names it. Default: the scanners run.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ResultPath { get; set; }

    /// <summary>The least severity that is wanted; what could not be found out is always told. Default: Info.</summary>
    [Parameter]
    public FindingSeverity MinimumSeverity { get; set; }

    /// <summary>What the scanners look for.</summary>
    internal abstract ScanKind Kind { get; }

    /// <summary>Rules for the scanners, as the user wrote them; null for their own choice.</summary>
    internal virtual IReadOnlyList<string>? Rules => null;

    /// <inheritdoc/>
    protected sealed override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var path in Path)
        {
            try
            {
                var query = await OnPipelineAsync(() => new ScanQuery
                {
                    Kind = Kind,
                    Path = ResolvePath(path),
                    Scanners = Scanner,
                    ResultPath = ResultPath is null ? null : ResolvePath(ResultPath),
                    Rules = Rules,
                    MinimumSeverity = MinimumSeverity,
                });
                foreach (var finding in await Engine.Scans.ScanAsync(query, Call, cancellationToken))
                {
                    await WriteObjectAsync(finding);
                }
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, path);
            }
        }
    }
}

using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Publishes a log or report to a target's artefact store: a blob container or a folder.</summary>
/// <remarks>
/// <para>Use it for files that others are to find: logs, reports, exports. The SHA-256 of the content is kept with it, and what the
/// store holds is read back and compared. In a folder, kind and metadata stand beside the file in NAME.metadata.json, and files are
/// readable by their owner alone.</para>
/// <para>-IfExists decides what happens to one of the same name: Fail (the default) leaves it and is an error, Overwrite replaces it,
/// KeepBoth gives the new one a number, Skip leaves it. Two who publish at once never overwrite each other by accident.</para>
/// <para>The whole call may take 60 s (TimeoutSeconds).</para>
/// <para>Privileges: in Azure, Storage Blob Data Contributor on the container, or a SAS with Read, Add, Create and Write; to make a missing container,
/// the right to do so. It changes the store alone, and replaces what has the same name only with -IfExists Overwrite.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">60</default>
/// <example>
/// <code>Publish-MaintenanceArtifact -Content 'Restored by hand.' -Name notes/restore.txt -IfExists KeepBoth</code>
/// <para>Keeps a note, beside earlier ones.</para>
/// </example>
/// <example>
/// <code>(Invoke-MaintenanceTask Daily).Artifacts | Publish-MaintenanceArtifact -Container maintenance-archive -IfExists Skip</code>
/// <para>Publishes the files of a run a second time, in another container.</para>
/// </example>
/// <example>
/// <code>Publish-MaintenanceArtifact -Content '# Audit' -Name monthly-audits/audit-202611.md -Container security-audits -Metadata @{ classification = 'confidential' } -WhatIf</code>
/// <para>Says what would be published.</para>
/// </example>
/// <seealso cref="ExportMaintenanceReportCommand"/>
/// <seealso cref="InvokeMaintenanceTaskCommand"/>
[Cmdlet(VerbsData.Publish, "MaintenanceArtifact", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = PathSet)]
[OutputType(typeof(PublishedArtifact))]
public sealed class PublishMaintenanceArtifactCommand : MaintenanceCmdlet
{
    private const string PathSet = "Path";
    private const string ContentSet = "Content";

    /// <summary>The files.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>A text to publish instead of a file.</summary>
    [Parameter(ParameterSetName = ContentSet, Mandatory = true)]
    [AllowEmptyString]
    public string Content { get; set; } = "";

    /// <summary>Name in the store, parts divided by slashes. Default: the file's own name.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = ContentSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>What to keep with it, by name. Default: its SHA-256 alone.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary Metadata { get; set; } = new Hashtable();

    /// <summary>Its kind, such as text/markdown. Default: by the extension of its name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <summary>What happens where one of its name exists: Fail, Overwrite, KeepBoth or Skip. Default: Fail.</summary>
    [Parameter]
    public ArtifactConflict IfExists { get; set; }

    /// <summary>Another container than the store's; below a folder, a folder of that name. Default: the store's own.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Container { get; set; }

    /// <summary>The maintained systems. Default: the one connected last.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var argument in Session.OrCurrent(Target))
        {
            if (ParameterSetName == ContentSet)
            {
                await TryAsync(argument, Name!, () => new MemoryStream(Encoding.UTF8.GetBytes(Content)), cancellationToken);
                continue;
            }

            foreach (var path in Path)
            {
                var full = ResolvePath(path);
                await TryAsync(argument, Name ?? System.IO.Path.GetFileName(full), () => Open(full), cancellationToken);
            }
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MaintenanceException(MaintenanceErrorCode.FileUnavailable, $"The file '{path}' cannot be read: {exception.Message}", "Check the path and its permissions.");
        }
    }

    private async Task TryAsync(TargetArgument argument, string name, Func<Stream> open, CancellationToken cancellationToken)
    {
        try
        {
            var target = argument.Resolve(Session);
            await using var content = open();
            if (await ShouldProcessAsync($"{target.Name}: {name}", IfExists == ArtifactConflict.Overwrite ? "Publish, replacing one of the same name" : "Publish"))
            {
                await WriteObjectAsync(await Engine.Artifacts.PublishAsync(target, content, Options(name), Call, cancellationToken));
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, name);
        }
    }

    private ArtifactOptions Options(string name) => new()
    {
        Name = name,
        ContentType = ContentType,
        Metadata = Metadata.Cast<DictionaryEntry>().ToDictionary(
            entry => entry.Key.ToString()!, entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture) ?? ""),
        Conflict = IfExists,
        Container = Container,
    };
}

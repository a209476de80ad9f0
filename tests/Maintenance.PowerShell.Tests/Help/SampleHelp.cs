using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Maintenance.HelpWriter;
using Maintenance.ModuleTests.Help.Samples;

namespace Maintenance.ModuleTests.Help;

/// <summary>What the writer makes of the sample cmdlets in this assembly.</summary>
internal static class SampleHelp
{
    private static readonly Type[] Documented = [typeof(GetSampleCommand), typeof(RemoveSampleCommand)];

    public static CmdletHelp Get { get; } = Read(Documented)[0];

    public static CmdletHelp Remove { get; } = Read(Documented)[1];

    public static IReadOnlyList<CmdletHelp> Read(params Type[] types) => CmdletReader.Read(
        typeof(SampleHelp).Assembly.Location,
        [typeof(PSCmdlet).Assembly.Location],
        type => types.Any(sample => sample.FullName == type.FullName));

    /// <summary>A runspace with the documented samples and a help file for them.</summary>
    /// <param name="helpFile">Where to write the help.</param>
    public static ModuleRunspace Open(string helpFile)
    {
        using (var stream = File.Create(helpFile))
        {
            MamlWriter.Write([Get, Remove], stream);
        }

        return new ModuleRunspace(import: false, state =>
        {
            state.Commands.Add(new SessionStateCmdletEntry("Get-Sample", typeof(GetSampleCommand), helpFile));
            state.Commands.Add(new SessionStateCmdletEntry("Remove-Sample", typeof(RemoveSampleCommand), helpFile));
        });
    }
}

using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Maintenance.Host;

/// <summary>Lets <c>exit N</c> in the script of -File end the host with N, and not only the script.</summary>
/// <remarks>
/// The engine has a switch for it, which pwsh sets in the same place, but no public way to it. Taking the number from
/// $LASTEXITCODE afterwards would take that of any program the script had run for its own.
/// </remarks>
internal static class ExitOfScriptFile
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Holds for the next script file that is started.</summary>
    public static void LetEndTheHost(Runspace runspace)
    {
        var context = Property(typeof(Runspace), "ExecutionContext").GetValue(runspace)!;
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Instance) ?? throw new MissingMemberException(type.FullName, name);
}

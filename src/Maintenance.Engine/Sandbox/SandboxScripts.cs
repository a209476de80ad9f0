namespace Maintenance.Engine.Sandbox;

/// <summary>The scripts that are handed to sh, PowerShell and Node as text.</summary>
internal static class SandboxScripts
{
    /// <summary>The text of a script.</summary>
    /// <param name="name">Its file name in <c>Sandbox/Scripts</c>.</param>
    public static string Read(string name)
    {
        using var stream = typeof(SandboxScripts).Assembly.GetManifestResourceStream($"Sandbox/Scripts/{name}")
            ?? throw new InvalidOperationException($"There is no script '{name}' in the engine.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

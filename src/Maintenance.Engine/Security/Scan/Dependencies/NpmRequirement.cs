using Maintenance.Engine.Security.Scan.Json;

namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>What a package.json asks for, or asked for when the lock file was written.</summary>
/// <param name="Name">The package.</param>
/// <param name="Range">The versions.</param>
/// <param name="IsOptional">True if it need not be installed.</param>
internal sealed record NpmRequirement(string Name, string Range, bool IsOptional)
{
    /// <summary>The lists of a package.json that npm installs.</summary>
    public static readonly string[] Lists = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

    /// <summary>Reads one of the lists.</summary>
    /// <param name="walk">Where it is.</param>
    /// <param name="list">Its name.</param>
    /// <param name="asked">Where its entries go.</param>
    public static void Read(JsonWalk walk, string list, List<NpmRequirement> asked)
    {
        foreach (var name in walk.Properties())
        {
            asked.Add(new NpmRequirement(name, walk.Text ?? "", list is "optionalDependencies" or "peerDependencies"));
        }
    }

    /// <summary>What a package.json asks for.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Null if it is not there or cannot be read.</returns>
    public static IReadOnlyList<NpmRequirement>? In(string file)
    {
        try
        {
            using var text = File.OpenRead(file);
            using var walk = new JsonWalk(text);
            var asked = new List<NpmRequirement>();
            walk.Begin();
            if (!walk.IsObject)
            {
                return null;
            }

            foreach (var property in walk.Properties().Where(Lists.Contains))
            {
                Read(walk, property, asked);
            }

            walk.End();
            return asked;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}

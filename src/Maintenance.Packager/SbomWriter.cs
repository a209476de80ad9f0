using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maintenance.Packager;

/// <summary>
/// Writes the bill of materials, as CycloneDX 1.6. It lists what is shipped and nothing else, and the same input gives the same bytes:
/// no time, and a serial number made of the content.
/// </summary>
internal static class SbomWriter
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(string product, string version, string licence, IReadOnlyList<Component> components)
    {
        var self = $"pkg:nuget/{product}@{version}";
        var listed = new JsonArray([.. components.Select(Entry)]);
        var depends = new JsonArray(new JsonObject { ["ref"] = self, ["dependsOn"] = new JsonArray([.. components.Select(component => (JsonNode)Reference(component))]) });
        return new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{IdentityOf(self + listed.ToJsonString())}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject { ["type"] = "application", ["bom-ref"] = self, ["name"] = product, ["version"] = version, ["licenses"] = Licences(licence), ["purl"] = self },
            },
            ["components"] = listed,
            ["dependencies"] = depends,
        }.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Entry(Component component) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = Reference(component),
        ["name"] = component.Id,
        ["version"] = component.Version,
        ["licenses"] = Licences(component.Licence.Spdx),
        ["copyright"] = component.Copyright,
        ["purl"] = Reference(component),
        ["components"] = new JsonArray([.. component.Files.Select(file => (JsonNode)new JsonObject
        {
            ["type"] = "file",
            ["name"] = file.Path,
            ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-256", ["content"] = file.Sha256 }),
        })]),
    };

    private static string Reference(Component component) => $"pkg:nuget/{component.Id}@{component.Version}";

    private static JsonArray Licences(string spdx) => new(new JsonObject { ["license"] = new JsonObject { ["id"] = spdx } });

    // A UUID of version 8: made of a hash, as RFC 9562 has it.
    private static Guid IdentityOf(string text)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

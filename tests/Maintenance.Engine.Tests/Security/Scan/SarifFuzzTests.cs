using System.Text;
using CsCheck;
using Maintenance.Engine.Security.Scan;
using Maintenance.Engine.Security.Scan.Code;
using Maintenance.Engine.Security.Scan.Sarif;
using Maintenance.Engine.Security.Scan.Secrets;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>Whatever a file holds, an adapter tells flaws or a problem; nothing else comes out of it.</summary>
public sealed class SarifFuzzTests
{
    private const string Root = "/srv/app";

    private const string Whole = """
        { "version": "2.1.0", "runs": [ { "originalUriBaseIds": { "B": { "uri": "src/", "uriBaseId": "B" } }, "artifacts": [ { "location": { "uri": "a" } } ],
          "invocations": [ { "executionSuccessful": true, "toolExecutionNotifications": [ { "level": "note", "message": { "text": "x" } } ] } ],
          "results": [ { "ruleId": "R/1", "ruleIndex": 0, "rule": { "id": "R", "index": 0, "toolComponent": { "index": 0, "name": "n" } }, "kind": "fail", "level": "error", "rank": 1.5,
            "message": { "id": "m", "arguments": [ "y" ] }, "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "a%20b", "uriBaseId": "B", "index": 0 }, "region": { "startLine": 2, "snippet": { "text": "z" } } },
            "logicalLocations": [ { "fullyQualifiedName": "f" } ] } ], "fingerprints": { "a": "b" }, "suppressions": [ { "status": "rejected" } ], "taxa": [ { "id": "79", "toolComponent": { "name": "CWE" } } ], "properties": { "security-severity": "5.0", "tags": [ "CWE-1" ] } } ],
          "tool": { "driver": { "name": "t", "version": "1", "rules": [ { "id": "R", "messageStrings": { "m": { "text": "{0}" } }, "defaultConfiguration": { "level": "note" } } ] }, "extensions": [ { "name": "n", "rules": [ { "id": "R" } ] } ] } } ] }
        """;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "null", "true", "-1", "1e999", "99999999999999999999", "\"\"", "\"runs\"", "\"results\"", "\"version\"", "\"2.1.0\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\", "\u0000", "\uFEFF", "'", "/*", "NaN", "\"uri\":\"%zz\"", "\"ruleIndex\":-5",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    [Fact]
    public void Any_bytes_give_flaws_or_a_problem() => Gen.Byte.Array[0, 400].Sample(Holds, iter: 3000);

    [Fact]
    public void Any_pieces_of_JSON_give_flaws_or_a_problem() => Piece.Array[0, 60].Sample(pieces => Holds(Encoding.UTF8.GetBytes(string.Concat(pieces))), iter: 5000);

    [Fact]
    public void SARIF_with_pieces_put_in_or_cut_out_gives_flaws_or_a_problem() =>
        Gen.Select(Gen.Int[0, Whole.Length], Gen.Int[0, 30], Piece).Sample(
            (at, length, piece) => Holds(Encoding.UTF8.GetBytes(string.Concat(Whole.AsSpan(0, at), piece, Whole.AsSpan(Math.Min(Whole.Length, at + length))))), iter: 5000);

    private static readonly Scanner[] Scanners = [new SarifScanner(ScanKind.Code), new SarifScanner(ScanKind.Secrets), new GitleaksScanner(), new SecretlintScanner(), new SemgrepScanner()];

    private static bool Holds(byte[] bytes) => Scanners.All(scanner =>
    {
        var reading = scanner.Read(new MemoryStream(bytes), null, Root);
        return reading.Problem is not null || reading.Flaws.Count > 0 || IsEmptyAndWhole(bytes);
    });

    // An empty list of gitleaks and secretlint, and what is well-formed and tells of nothing, may hold nothing.
    private static bool IsEmptyAndWhole(byte[] bytes)
    {
        try
        {
            Newtonsoft.Json.Linq.JToken.Parse(Encoding.UTF8.GetString(bytes));
            return true;
        }
        catch (Newtonsoft.Json.JsonException)
        {
            return false;
        }
    }
}

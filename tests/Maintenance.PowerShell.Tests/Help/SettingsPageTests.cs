using System.Text.Json;
using Maintenance.HelpWriter;

namespace Maintenance.ModuleTests.Help;

/// <summary>The page of every setting, and the schema it is made from.</summary>
public sealed class SettingsPageTests
{
    private static readonly string Root = ModuleRunspace.Metadata("RepositoryRoot");
    private static readonly string Schema = File.ReadAllText(Path.Combine(Root, "module", "maintenance.schema.json"));

    [Fact]
    public void The_committed_page_is_what_the_schema_says()
    {
        var committed = File.ReadAllText(Path.Combine(Root, "docs", "configuration-reference.md"));
        Assert.True(committed == SettingsWriter.Write(Schema), "docs/configuration-reference.md is stale. Run: dotnet build src/Maintenance.PowerShell -t:WriteHelpPages");
    }

    [Fact]
    public void No_setting_of_the_schema_is_missing()
    {
        var page = SettingsWriter.Write(Schema);
        using var document = JsonDocument.Parse(Schema);
        var names = Names(document.RootElement).ToList();
        Assert.True(names.Count > 200, $"Only {names.Count} settings were found in the schema.");
        Assert.All(names.GroupBy(name => name), same => Assert.Equal(same.Count(), page.Split($"\n| `{same.Key}`").Length - 1));
    }

    [Fact]
    public void A_page_says_what_a_schema_says()
    {
        const string Sample = """
            {
              "description": "All of it.", "required": ["shops"],
              "properties": { "shops": { "description": "The shops.", "patternProperties": { "^[a-z]+$": { "$ref": "#/definitions/shop" } } } },
              "definitions": {
                "shop": { "type": "object", "description": "One *shop*.", "required": ["name"], "properties": {
                  "name": { "type": "string", "description": "Its name.", "examples": ["north"] },
                  "floors": { "type": "integer", "minimum": 1, "maximum": 9, "description": "How many.", "default": 2 },
                  "kind": { "enum": ["Small", "Large"], "description": "This | that.", "default": "Small" },
                  "open": { "$ref": "#/definitions/duration", "description": "How long." },
                  "tags": { "type": "array", "description": "Words.", "default": [], "items": { "type": "string" } },
                  "doors": { "type": "array", "description": "The doors.", "items": { "type": "object", "properties": { "locked": { "type": "boolean", "description": "Is it?" } } } },
                  "left": { "$ref": "#/definitions/side", "description": "The left." }, "right": { "$ref": "#/definitions/side", "description": "The right." } } },
                "side": { "type": "object", "properties": { "colour": { "type": "string", "description": "Its colour.", "default": "" } } },
                "secret": { "description": "Where it is." }, "duration": { "description": "A time." }, "size": { "description": "A size." }, "address": { "description": "A place." }
              }
            }
            """;
        var page = SettingsWriter.Write(Sample);
        Assert.EndsWith("""
            | setting | value | default | meaning |
            |---|---|---|---|
            | `shops`, required | by name: [group](#shopsname) |  | The shops. |

            ## Kinds of values

            - **secret**: Where it is.
            - **duration**: A time.
            - **size**: A size.
            - **address**: A place.

            ### shops.NAME

            One \*shop\*.

            | setting | value | default | meaning |
            |---|---|---|---|
            | `name`, required | text |  | Its name. For example `north`. |
            | `floors` | whole number, 1 to 9 | `2` | How many. |
            | `kind` | `Small`, `Large` | `Small` | This \| that. |
            | `open` | duration |  | How long. |
            | `tags` | list: text | none | Words. |
            | `doors` | list: [group](#shopsnamedoors) |  | The doors. |
            | `left` | [group](#shopsnamename) |  | The left. |
            | `right` | [group](#shopsnamename) |  | The right. |

            ### shops.NAME.doors[]

            | setting | value | default | meaning |
            |---|---|---|---|
            | `locked` | `true` or `false` |  | Is it? |

            ### shops.NAME.NAME

            | setting | value | default | meaning |
            |---|---|---|---|
            | `colour` | text | empty | Its colour. |

            """.ReplaceLineEndings("\n"), page, StringComparison.Ordinal);
    }

    // A setting that several others refer to is described once for all of them.
    private static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => member is { Name: "properties", Value.ValueKind: JsonValueKind.Object }
            ? member.Value.EnumerateObject().SelectMany(setting => Names(setting.Value).Prepend(setting.Name))
            : Names(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>Writes YAML of mappings, lists, text, numbers and truth values. What could be read as anything but text is quoted, the way JSON does.</summary>
internal sealed partial class Yaml
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();

    /// <summary>A mapping; the values are what <see cref="Of"/> takes.</summary>
    public sealed class Map : List<KeyValuePair<string, object>>
    {
        /// <summary>Adds a value.</summary>
        public void Add(string key, object value) => Add(new(key, value));
    }

    /// <summary>Text that is written line by line as it is. Its lines begin with no blank and no tab, and have no other line ends than line feeds.</summary>
    /// <param name="Text">The text.</param>
    public sealed record Block(string Text);

    /// <summary>A document.</summary>
    /// <param name="comment">What stands before it, line by line.</param>
    /// <param name="content">Mappings, lists (of objects), strings, integers, truth values and blocks.</param>
    public static string Of(IEnumerable<string> comment, Map content)
    {
        var yaml = new Yaml();
        yaml._text.Append(string.Concat(comment.Select(line => $"# {line}".TrimEnd() + "\n"))).Append('\n');
        foreach (var (key, value) in content)
        {
            yaml.Pair(key, value, 0);
            if (value is Map or List<object>)
            {
                yaml._text.Append('\n');
            }
        }

        return yaml._text.ToString().TrimEnd() + "\n";
    }

    private void Pair(string key, object value, int depth)
    {
        _text.Append(Scalar(key)).Append(':');
        Value(value, depth);
    }

    private void Value(object value, int depth)
    {
        switch (value)
        {
            case Map { Count: > 0 } map:
                _text.Append('\n');
                Pairs(map, depth + 1, indentFirst: true);
                break;
            case List<object> { Count: > 0 } list:
                _text.Append('\n');
                foreach (var item in list)
                {
                    Indent(depth + 1).Append('-');
                    if (item is Map map)
                    {
                        _text.Append(' ');
                        Pairs(map, depth + 2, indentFirst: false);
                    }
                    else
                    {
                        Value(item, depth + 1);
                    }
                }

                break;
            case Block block:
                _text.Append(" |\n");
                foreach (var line in block.Text.TrimEnd('\n').Split('\n'))
                {
                    (line.Length > 0 ? Indent(depth + 1) : _text).Append(line).Append('\n');
                }

                break;
            default:
                _text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private void Pairs(Map map, int depth, bool indentFirst)
    {
        foreach (var (i, (key, value)) in map.Index())
        {
            if (indentFirst || i > 0)
            {
                Indent(depth);
            }

            Pair(key, value, depth);
        }
    }

    private StringBuilder Indent(int depth) => _text.Append(' ', 2 * depth);

    private static string Scalar(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        Map => "{}",
        List<object> => "[]",
        string text when Word().IsMatch(text) && !Meaning().IsMatch(text) => text,
        string text => JsonSerializer.Serialize(text, Quoted),
        _ => throw new ArgumentException($"{value.GetType()} is not written as YAML.", nameof(value)),
    };

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_./-]*\z")]
    private static partial Regex Word();

    // What some parser takes for a truth value, for nothing or for a number.
    [GeneratedRegex(@"\A(y|n|yes|no|on|off|true|false|null|nan|inf|infinity)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Meaning();
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Configuration;

/// <summary>
/// A JSON text, read strictly but for comments and trailing commas, that remembers where each of its parts stands.
/// </summary>
/// <remarks>
/// Newtonsoft's own reader accepts far more than JSON, stops at the first duplicate name and knows only where a part ends;
/// the tree is Newtonsoft's because the schema validator works on it. Parsers quote the text they choke on, and that may be
/// a secret, so what is wrong is told in words of our own.
/// </remarks>
internal sealed partial class JsonSource
{
    private readonly string _path;
    private readonly byte[] _bytes;
    private readonly Dictionary<JToken, long> _offsets = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<JToken, string> _paths = new(ReferenceEqualityComparer.Instance);
    private readonly List<ConfigurationProblem> _problems = [];
    private JToken? _at;
    private JsonTokenType _last;

    private JsonSource(string text, string path)
    {
        _path = path;
        _bytes = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The tree; null if the text is not JSON.</summary>
    public JToken? Root { get; private set; }

    /// <summary>What is wrong with the text as JSON.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The file it is from.</param>
    public static JsonSource Parse(string text, string path)
    {
        var source = new JsonSource(text, path);
        source.Read();
        return source;
    }

    /// <summary>Remembers how each part is reached, before parts are taken out of the tree.</summary>
    public void KeepPaths()
    {
        foreach (var token in (Root as JContainer)?.DescendantsAndSelf() ?? [])
        {
            _paths[token] = PathOf(token);
        }
    }

    /// <summary>A problem with a part of the text.</summary>
    /// <param name="token">The part.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="isWarning">True if it can be used all the same.</param>
    public ConfigurationProblem ProblemAt(JToken token, string message, bool isWarning = false)
    {
        var (line, column) = _offsets.TryGetValue(token, out var offset) ? PlaceOf(offset) : (0, 0);
        return New(_paths.GetValueOrDefault(token) ?? PathOf(token), line, column, message, isWarning);
    }

    private static string PathOf(JToken? token) => token?.Path switch
    {
        null or "" => "$",
        ['[', ..] path => "$" + path,
        { } path => "$." + path,
    };

    private void Read()
    {
        var reader = new Utf8JsonReader(_bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            Advance(ref reader);
            Root = ReadValue(ref reader);
            Fill(ref reader, Root);
            _at = null;
            reader.Read();
        }
        catch (JsonException exception)
        {
            var line = (int)(exception.LineNumber ?? 0);
            _problems.Add(New(
                PathOf(_at), line + 1, ColumnOf(line, exception.BytePositionInLine ?? 0), $"This is not valid JSON: {Expected(AtEnd(exception))}", false));
            Root = null;
        }
        catch (InvalidOperationException)
        {
            var (line, column) = PlaceOf(reader.TokenStartIndex);
            _problems.Add(New(PathOf(_at), line, column, "This text holds an escape (\\u...) that is no character.", false));
            Root = null;
        }
    }

    private JToken ReadValue(ref Utf8JsonReader reader)
    {
        var offset = reader.TokenStartIndex;
        JToken token = reader.TokenType switch
        {
            JsonTokenType.StartObject => new JObject(),
            JsonTokenType.StartArray => new JArray(),
            JsonTokenType.String => new JValue(reader.GetString()),
            JsonTokenType.Number => reader.TryGetInt64(out var whole) ? new JValue(whole) : new JValue(reader.GetDouble()),
            JsonTokenType.True or JsonTokenType.False => new JValue(reader.GetBoolean()),
            _ => JValue.CreateNull(),
        };
        _offsets[token] = offset;
        return token;
    }

    private void Fill(ref Utf8JsonReader reader, JToken token)
    {
        if (token is JObject members)
        {
            FillObject(ref reader, members);
        }
        else if (token is JArray items)
        {
            FillArray(ref reader, items);
        }
    }

    private void FillObject(ref Utf8JsonReader reader, JObject members)
    {
        while (true)
        {
            _at = members;
            Advance(ref reader);
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return;
            }

            var property = new JProperty(reader.GetString()!);
            _offsets[property] = reader.TokenStartIndex;
            if (members.Property(property.Name, StringComparison.Ordinal) is null)
            {
                members.Add(property);
            }
            else
            {
                var (line, column) = PlaceOf(reader.TokenStartIndex);
                _problems.Add(New(
                    PathOf(members.Property(property.Name, StringComparison.Ordinal)), line, column, "This name occurs twice in one object, and only one can count. Remove one of them.", false));
            }

            _at = property;
            Advance(ref reader);
            property.Value = ReadValue(ref reader);
            Fill(ref reader, property.Value);
        }
    }

    private void FillArray(ref Utf8JsonReader reader, JArray items)
    {
        while (true)
        {
            _at = items;
            Advance(ref reader);
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return;
            }

            var item = ReadValue(ref reader);
            items.Add(item);
            Fill(ref reader, item);
        }
    }

    private void Advance(ref Utf8JsonReader reader)
    {
        reader.Read();
        _last = reader.TokenType;
    }

    private bool AtEnd(JsonException exception)
    {
        var line = (int)(exception.LineNumber ?? 0);
        return LineStart(line) + (exception.BytePositionInLine ?? 0) >= _bytes.AsSpan().TrimEnd(" \t\r\n"u8).Length;
    }

    private string Expected(bool atEnd) => (_at, _last) switch
    {
        (null, _) when Root is not null => "nothing may follow the end of the object.",
        (null, _) => "an object in braces is expected.",
        _ when atEnd => "the text ends before everything that was opened is closed. Look for a missing brace, bracket or quote.",
        (JProperty, _) => "a value is expected after the name. Texts stand in double quotes; \\ in them is written \\\\.",
        (JObject, JsonTokenType.StartObject) => "a name in double quotes and a colon, or a closing brace, is expected.",
        (JObject, _) => "a comma and the next name in double quotes, or a closing brace, is expected.",
        (_, JsonTokenType.StartArray) => "a value or a closing bracket is expected.",
        _ => "a comma and the next value, or a closing bracket, is expected.",
    };

    private (int Line, int Column) PlaceOf(long offset)
    {
        var before = _bytes.AsSpan(0, (int)offset);
        var line = before.Count((byte)'\n');
        return (line + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }

    private int ColumnOf(int line, long bytePosition)
    {
        var start = LineStart(line);
        return Encoding.UTF8.GetCharCount(_bytes, start, (int)Math.Min(bytePosition, _bytes.Length - start)) + 1;
    }

    private int LineStart(int line)
    {
        var start = 0;
        for (; line > 0; line--)
        {
            start += _bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        return start;
    }

    private ConfigurationProblem New(string jsonPath, int line, int column, string message, bool isWarning) => new()
    {
        Path = _path,
        JsonPath = jsonPath,
        Line = line,
        Column = column,
        // It may quote a name of the file, which can hold anything.
        Message = Invisible().Replace(message, "\uFFFD"),
        IsWarning = isWarning,
    };

    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]")]
    private static partial Regex Invisible();
}

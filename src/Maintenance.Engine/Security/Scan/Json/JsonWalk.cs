using System.Globalization;
using System.Text;
using Newtonsoft.Json;

namespace Maintenance.Engine.Security.Scan.Json;

/// <summary>
/// Walks over a JSON text of any length and keeps nothing of it. What is not asked for is passed over; a text that ends too early or is no JSON is an
/// <see cref="InvalidDataException"/>, whose message completes "its result cannot be read: ".
/// </summary>
internal sealed class JsonWalk : IDisposable
{
    private const int Deepest = 100;

    private readonly JsonTextReader _reader;

    /// <param name="text">The text; it is left open. UTF-16 with a mark is understood too: some shells write that when output is redirected.</param>
    public JsonWalk(Stream text) => _reader = new JsonTextReader(new LongStringCutter(new StreamReader(text, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 64 * 1024, leaveOpen: true)))
    {
        DateParseHandling = DateParseHandling.None,
        FloatParseHandling = FloatParseHandling.Double,
        MaxDepth = Deepest,
    };

    public bool IsObject => _reader.TokenType == JsonToken.StartObject;

    public bool IsArray => _reader.TokenType == JsonToken.StartArray;

    /// <summary>The value as text: a string or a number; null for any other.</summary>
    public string? Text => _reader.TokenType is JsonToken.String or JsonToken.Integer or JsonToken.Float ? Convert.ToString(_reader.Value, CultureInfo.InvariantCulture) : null;

    /// <summary>The value as a number, be it written as a string; null for any other, and for what is none.</summary>
    public double? Number => double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>The value as a small number that counts something; null for any other.</summary>
    public int? Count => Number is >= 0 and <= int.MaxValue and var number && number == Math.Floor(number) ? (int)number : null;

    public bool? Flag => _reader.TokenType == JsonToken.Boolean ? (bool)_reader.Value! : null;

    /// <summary>Goes to the one value that the text is.</summary>
    public void Begin() => Next();

    /// <summary>Passes over the rest, which may hold nothing more.</summary>
    public void End()
    {
        Finish(0);
        if (Read())
        {
            throw new InvalidDataException("it goes on after its end");
        }
    }

    /// <summary>The names in an object, one after the other; the walk stands at the value of each. Nothing if this is no object.</summary>
    public IEnumerable<string> Properties()
    {
        if (!IsObject)
        {
            yield break;
        }

        while (true)
        {
            Next();
            if (_reader.TokenType != JsonToken.PropertyName)
            {
                yield break;
            }

            var name = (string)_reader.Value!;
            Next();
            var depth = _reader.Depth;
            yield return name;
            Finish(depth);
        }
    }

    /// <summary>The items of an array by their number; the walk stands at each. Nothing if this is no array.</summary>
    public IEnumerable<int> Items()
    {
        if (!IsArray)
        {
            yield break;
        }

        for (var index = 0; ; index++)
        {
            Next();
            if (_reader.TokenType == JsonToken.EndArray)
            {
                yield break;
            }

            var depth = _reader.Depth;
            yield return index;
            Finish(depth);
        }
    }

    /// <summary>The texts in an array, the first so many of them; one text alone counts as an array of one.</summary>
    public IReadOnlyList<string> Texts(int most = 100)
    {
        if (Text is { } one)
        {
            return [one];
        }

        var texts = new List<string>();
        foreach (var _ in Items())
        {
            if (Text is { } text && texts.Count < most)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>Text of one property of an object; null if this is no object or it is not there.</summary>
    /// <param name="name">The property.</param>
    public string? TextOf(string name)
    {
        string? text = null;
        foreach (var property in Properties())
        {
            if (property == name)
            {
                text = Text;
            }
        }

        return text;
    }

    private void Finish(int depth)
    {
        if ((IsObject || IsArray) && _reader.Depth == depth)
        {
            Next();
        }

        while (_reader.Depth > depth)
        {
            Next();
        }
    }

    private void Next()
    {
        if (!Read())
        {
            throw new InvalidDataException("it ends too early");
        }
    }

    private bool Read()
    {
        try
        {
            return _reader.Read();
        }
        catch (JsonException)
        {
            // Its own message may quote the text, and the text may be a secret.
            throw new InvalidDataException("it is no JSON, or JSON nested too deeply");
        }
    }

    public void Dispose() => ((IDisposable)_reader).Dispose();
}

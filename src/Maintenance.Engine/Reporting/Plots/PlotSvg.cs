using System.Globalization;
using System.Xml.Linq;
using OxyPlot;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>Turns what the library draws into a picture for our pages: colours become names, and it says what it shows.</summary>
internal static class PlotSvg
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // How large it is, the page decides.
    private static readonly HashSet<string> Dropped = ["version", "width", "height", "x", "y"];

    /// <summary>Draws.</summary>
    /// <param name="model">What to draw.</param>
    /// <param name="width">Width of the drawing in its own units.</param>
    /// <param name="height">Its height.</param>
    /// <param name="id">An id that no other picture of the page has.</param>
    /// <param name="kind">Class of the picture.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="description">What is to be seen in it.</param>
    public static string Write(PlotModel model, double width, double height, string id, string kind, string title, string description)
    {
        var root = XDocument.Parse(new SvgExporter { Width = width, Height = height, IsDocument = false, TextMeasurer = new RoomForText(width, height) }.ExportToString(model)).Root!;
        // Nothing is drawn outside of the axes; a clip would only cut the words at the edge.
        root.Descendants(Svg + "defs").ToList().ForEach(element => element.Remove());
        foreach (var element in root.DescendantsAndSelf())
        {
            Restyle(element, isRoot: element == root);
        }

        root.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0.#} {height:0.#}"));
        root.SetAttributeValue("class", kind);
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-labelledby", $"{id}t {id}d");
        root.AddFirst(new XElement(Svg + "title", new XAttribute("id", $"{id}t"), Legal(title)), new XElement(Svg + "desc", new XAttribute("id", $"{id}d"), Legal(description)));
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static void Restyle(XElement element, bool isRoot)
    {
        foreach (var attribute in element.Attributes().ToList())
        {
            var name = attribute.Name.LocalName;
            if (name == "style")
            {
                attribute.Value = string.Join(';', attribute.Value.Split(';').Select(Declaration));
            }
            else if (name is "fill" or "stroke" && IsColor(attribute.Value))
            {
                element.SetAttributeValue("style", $"{name}:{Name(attribute.Value)}");
                attribute.Remove();
            }
            else if (name is "font-family" or "font-weight" or "clip-path" || (isRoot && Dropped.Contains(name)))
            {
                attribute.Remove();
            }
        }
    }

    private static string Declaration(string declaration) =>
        declaration.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 && declaration[(colon + 1)..].Trim() is var value && IsColor(value)
            ? $"{declaration[..colon]}:{Name(value)}"
            : declaration;

    // The library knows how wide Arial is, in points; a drawing counts pixels. Fonts that stand in for it are up to a sixth wider.
    private sealed class RoomForText(double width, double height) : PdfRenderContext(width, height, OxyColors.Undefined)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            var size = base.MeasureText(text, fontFamily, fontSize, fontWeight);
            return new OxySize(size.Width * 96 / 72 * 1.18, size.Height * 96 / 72);
        }
    }

    private static bool IsColor(string value) => value.StartsWith('#') || value.StartsWith("rgb", StringComparison.Ordinal);

    private static string Name(string color) =>
        PlotColors.NameOf(color) is { } name ? $"var({name})" : throw new InvalidOperationException($"The colour {color} has no name.");

    /// <summary>Text as XML can hold it: half of a surrogate pair is replaced.</summary>
    internal static string Legal(string text) => string.Concat(ReportText.OneLine(text).EnumerateRunes().Select(rune => rune.Value is 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString()));
}

using System.Text;

namespace Maintenance.Packager;

/// <summary>Writes THIRD-PARTY-NOTICES.txt: what is shipped of others, and every text that wants to be told with it, once.</summary>
internal static class NoticesWriter
{
    private static readonly string Rule = new('-', 80);

    public static string Write(string product, IReadOnlyList<Component> components)
    {
        var text = new StringBuilder();
        text.Append(product).Append(" contains libraries of others, unchanged but for what the build may have compiled ahead of time.\nThese are they, and the terms they are under.\n");
        foreach (var component in components)
        {
            text.Append('\n').Append(component.Id).Append(' ').Append(component.Version).Append(", ").Append(component.Licence.Spdx).Append('\n')
                .Append("  ").Append(component.Copyright).Append('\n');
            foreach (var file in component.Files)
            {
                text.Append("  ").Append(file.Path).Append('\n');
            }
        }

        Append(text, components, component => [component.Licence.Text], "Licence");
        Append(text, components, component => component.Notices, "Notices");
        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<Component> components, Func<Component, IEnumerable<string>> texts, string what)
    {
        foreach (var group in components.SelectMany(component => texts(component).Select(own => (component.Id, Text: own))).GroupBy(pair => pair.Text, pair => pair.Id))
        {
            text.Append('\n').Append(Rule).Append('\n').Append(what).Append(" of ").AppendJoin(", ", group).Append('\n').Append(Rule).Append("\n\n").Append(group.Key).Append('\n');
        }
    }
}

namespace Maintenance.Engine.Security;

/// <summary>A node of an expression's tree, as the server keeps it.</summary>
/// <param name="Name">Its kind, such as VAR, FUNCEXPR or SUBLINK.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="InSubquery">It stands in a subquery, which the planner runs once if it does not depend on the row.</param>
/// <param name="Function">The function that it calls, if any.</param>
internal sealed record TreeNode(string Name, int Start, int End, bool InSubquery, long? Function);

/// <summary>Reads the tree of an expression (pg_node_tree): braces around nodes, a backslash before what would be taken for one.</summary>
internal static class PolicyTree
{
    private const string FunctionField = ":funcid ";

    public static IReadOnlyList<TreeNode> Nodes(string tree)
    {
        var nodes = new List<TreeNode>();
        var open = new Stack<(string Name, int Start, bool InSubquery)>();
        for (var i = 0; i < tree.Length; i++)
        {
            switch (tree[i])
            {
                case '\\':
                    i++;
                    break;
                case '{':
                    var name = Word(tree, i + 1);
                    open.Push((name, i, open.TryPeek(out var parent) && (parent.InSubquery || parent.Name == "SUBLINK")));
                    break;
                case '}' when open.TryPop(out var node):
                    nodes.Add(new TreeNode(node.Name, node.Start, i, node.InSubquery, node.Name == "FUNCEXPR" ? Number(tree, node.Start, i) : null));
                    break;
            }
        }

        return nodes;
    }

    /// <summary>
    /// Functions called for each row although their result does not depend on it: outside every subquery, and with no column among their arguments.
    /// </summary>
    /// <param name="tree">The tree; null is no expression.</param>
    /// <param name="mutable">The functions that are not immutable: constants are not called again.</param>
    public static IEnumerable<long> CalledPerRow(string? tree, IReadOnlyDictionary<long, string> mutable)
    {
        if (tree is null || mutable.Count == 0)
        {
            return [];
        }

        var nodes = Nodes(tree);
        return nodes
            .Where(node => node is { InSubquery: false, Function: { } function } && mutable.ContainsKey(function)
                && !nodes.Any(inner => inner.Name == "VAR" && inner.Start > node.Start && inner.End < node.End))
            .Select(node => node.Function!.Value)
            .Distinct();
    }

    private static string Word(string tree, int start)
    {
        var end = start;
        while (end < tree.Length && (char.IsAsciiLetterUpper(tree[end]) || char.IsAsciiDigit(tree[end]) || tree[end] == '_'))
        {
            end++;
        }

        return tree[start..end];
    }

    private static long? Number(string tree, int start, int end)
    {
        var at = tree.IndexOf(FunctionField, start, end - start, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var first = at + FunctionField.Length;
        var last = first;
        while (last < end && char.IsAsciiDigit(tree[last]))
        {
            last++;
        }

        return long.TryParse(tree.AsSpan(first, last - first), out var number) ? number : null;
    }
}

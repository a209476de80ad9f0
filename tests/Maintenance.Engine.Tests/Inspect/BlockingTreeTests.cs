using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class BlockingTreeTests
{
    private static BlockingTree Tree(params int[][] blockers) => new(blockers);

    [Fact]
    public void Nobody_who_waits_for_nobody_is_in_a_tree()
    {
        var tree = Tree([], []);
        Assert.Empty(tree.InOrder());
        Assert.All(tree.Places, place => Assert.True(place is { IsInTree: false, IsRootBlocker: false, Depth: 0, Victims: 0, Root: null }));
    }

    [Fact]
    public void A_chain_has_one_root_and_everybody_below_it_is_its_victim()
    {
        var tree = Tree([1], [2], [], []);
        Assert.Equal([2, 1, 0], tree.InOrder());
        Assert.Equal([2, 1, 0, 0], tree.Places.Select(place => place.Depth));
        Assert.Equal([0, 1, 2, 0], tree.Places.Select(place => place.Victims));
        Assert.Equal([false, false, true, false], tree.Places.Select(place => place.IsRootBlocker));
        Assert.Equal([2, 2, 2, null], tree.Places.Select(place => place.Root));
    }

    [Fact]
    public void Who_waits_for_several_stands_under_the_deepest_and_is_counted_once()
    {
        // 0 holds; 1 waits for it; 2 waits for both.
        var tree = Tree([], [0], [0, 1]);
        Assert.Equal([0, 1, 2], tree.InOrder());
        Assert.Equal(1, tree.Places[2].Parent);
        Assert.Equal(2, tree.Places[2].Depth);
        Assert.Equal(2, tree.Places[0].Victims);
        Assert.Equal(0, tree.Places[2].OnlyRoot);
    }

    [Fact]
    public void Who_waits_for_two_roots_is_freed_by_neither_alone()
    {
        var tree = Tree([], [], [0, 1], [2]);
        Assert.True(tree.Places[0].IsRootBlocker && tree.Places[1].IsRootBlocker);
        Assert.Null(tree.Places[2].OnlyRoot);
        Assert.Null(tree.Places[3].OnlyRoot);
        Assert.Equal(2, tree.Places[0].Victims);
        Assert.Equal(2, tree.Places[1].Victims);
        Assert.Equal(4, tree.InOrder().Distinct().Count());
    }

    [Fact]
    public void The_root_with_the_most_victims_comes_first() => Assert.Equal([2, 3, 4, 0, 1], Tree([], [0], [], [2], [2]).InOrder());

    [Fact]
    public void A_deadlock_has_no_root_and_is_shown_all_the_same()
    {
        // 0 and 1 wait for each other, 2 waits for 1, 3 holds what 0 wants too.
        var tree = Tree([1, 3], [0], [1], []);
        Assert.Equal([true, true, false, false], tree.Places.Select(place => place.IsDeadlocked));
        Assert.False(tree.Places[0].IsRootBlocker || tree.Places[1].IsRootBlocker);
        Assert.Equal(2, tree.Places[0].Victims);
        Assert.Equal(2, tree.Places[1].Victims);
        Assert.Equal(3, tree.Places[3].Victims);
        Assert.Null(tree.Places[2].Root);
        Assert.Equal(4, tree.InOrder().Distinct().Count());
        Assert.Equal(1, tree.Places[2].Depth);
    }

    [Fact]
    public void Two_deadlocks_and_one_who_waits_for_himself_end_too()
    {
        var tree = Tree([1], [2], [0], [4], [3], [5], [3, 0]);
        Assert.Equal([true, true, true, true, true, false, false], tree.Places.Select(place => place.IsDeadlocked));
        Assert.False(tree.Places[5].IsInTree);
        Assert.Equal(3, tree.Places[0].Victims);
    }

    [Fact]
    public void A_thousand_in_one_queue_are_placed_in_their_order()
    {
        const int Count = 1000;
        var tree = new BlockingTree([.. Enumerable.Range(0, Count).Select(session => (IReadOnlyList<int>)[.. Enumerable.Range(0, session)])]);
        Assert.Equal(Enumerable.Range(0, Count), tree.InOrder());
        Assert.Equal(Enumerable.Range(0, Count).Select(session => Count - 1 - session), tree.Places.Select(place => place.Victims));
        Assert.Equal(Count - 1, tree.Places[^1].Depth);
    }

    [Fact]
    public void Any_graph_gives_everybody_a_place_after_all_who_block_him()
    {
        var random = new Random(4);
        for (var run = 0; run < 500; run++)
        {
            var count = random.Next(1, 12);
            var blockers = Enumerable.Range(0, count)
                .Select(_ => (IReadOnlyList<int>)[.. Enumerable.Range(0, random.Next(0, 3)).Select(_ => random.Next(count))])
                .ToList();
            var tree = new BlockingTree(blockers);
            var order = tree.InOrder().ToList();
            Assert.Equal(order.Count, order.Distinct().Count());
            Assert.Equal(tree.Places.Count(place => place.IsInTree), order.Count);
            for (var session = 0; session < count; session++)
            {
                Assert.Equal(tree.VictimsOf(session).Count(), tree.Places[session].Victims);
                Assert.All(
                    blockers[session].Where(blocker => blocker != session && !tree.Places[session].IsDeadlocked),
                    blocker => Assert.True(tree.Places[blocker].Depth < tree.Places[session].Depth));
            }
        }
    }
}

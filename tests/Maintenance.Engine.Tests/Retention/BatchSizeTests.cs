using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class BatchSizeTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(30);

    [Fact]
    public void Batches_grow_at_most_by_half_until_they_take_their_time()
    {
        var size = new BatchSize(Target);
        size.Learn(size.Rows, TimeSpan.FromMilliseconds(1));
        Assert.Equal(1500, size.Rows);
        for (var i = 0; i < 30; i++)
        {
            size.Learn(size.Rows, TimeSpan.FromMilliseconds(size.Rows / 500.0));
        }

        // 30 ms less a reserve of 30 %, at 500 rows a millisecond.
        Assert.Equal(10_500, size.Rows);
    }

    [Fact]
    public void One_that_took_too_long_makes_the_next_smaller_at_once()
    {
        var size = new BatchSize(Target, first: 10_000);
        size.Learn(10_000, TimeSpan.FromMilliseconds(300));
        Assert.Equal(700, size.Rows);
    }

    [Fact]
    public void It_stays_within_its_bounds()
    {
        var size = new BatchSize(Target, first: 20, smallest: 1, largest: 40);
        size.Learn(20, TimeSpan.Zero);
        size.Learn(30, TimeSpan.Zero);
        Assert.Equal(40, size.Rows);
        size.Learn(40, TimeSpan.FromHours(1));
        Assert.Equal(1, size.Rows);
        size.Shrink();
        Assert.Equal(1, size.Rows);
    }

    [Fact]
    public void Nothing_is_learnt_from_a_batch_of_nothing()
    {
        var size = new BatchSize(Target);
        size.Learn(0, TimeSpan.FromSeconds(1));
        Assert.Equal(1000, size.Rows);
    }

    [Fact]
    public void Where_a_smaller_one_takes_as_long_it_does_not_shrink_to_nothing()
    {
        // A hold whose own query takes 200 ms, whatever the batch.
        var size = new BatchSize(Target, first: 5000);
        for (var i = 0; i < 20; i++)
        {
            size.Learn(size.Rows, TimeSpan.FromMilliseconds(200) + TimeSpan.FromMicroseconds(2 * size.Rows));
        }

        Assert.InRange(size.Rows, 500, 5000);
    }

    [Fact]
    public void Whoever_is_in_the_way_halves_it()
    {
        var size = new BatchSize(Target);
        size.Shrink();
        Assert.Equal(500, size.Rows);
    }
}

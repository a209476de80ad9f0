using Maintenance.Engine.Security.PersonalData;

namespace Maintenance.EngineTests.Security;

/// <summary>What a column is taken for, and how sure that is.</summary>
public sealed class PersonalDataClassifierTests
{
    private static PersonalColumn Column(string name, char kind = 't', string baseType = "text", string? typeName = null, string? comment = null) =>
        new(1, 1, name, name, typeName ?? baseType, typeName ?? baseType, baseType, kind, true, comment, "");

    private static ColumnSample Values(long values) => new(values, values);

    private static (PersonalDataCategory, PersonalDataConfidence)? Take(PersonalColumn column, ColumnSample? sample = null, bool people = false) =>
        PersonalDataClassifier.Classify(column, people, sample) is { } found ? (found.Category, found.Confidence) : null;

    [Fact]
    public void A_name_and_its_values_are_sure_together() =>
        Assert.Equal((PersonalDataCategory.Email, PersonalDataConfidence.High), Take(Column("email"), Values(100) with { Email = 90, EmailInside = 90 }));

    [Fact]
    public void Most_values_are_sure_whatever_the_name() =>
        Assert.Equal((PersonalDataCategory.Email, PersonalDataConfidence.High), Take(Column("username"), Values(100) with { Email = 95, EmailInside = 95 }));

    [Fact]
    public void Some_values_are_worth_a_finding_and_a_single_one_a_look()
    {
        Assert.Equal((PersonalDataCategory.Email, PersonalDataConfidence.Medium), Take(Column("actor"), Values(1000) with { Email = 80, EmailInside = 80 }));
        Assert.Equal((PersonalDataCategory.Email, PersonalDataConfidence.Low), Take(Column("actor"), Values(1000) with { Email = 1, EmailInside = 1 }));
        Assert.Null(Take(Column("actor"), Values(1000)));
    }

    [Fact]
    public void Addresses_inside_texts_make_them_free_text_that_contains_them()
    {
        var found = PersonalDataClassifier.Classify(Column("message"), false, Values(1000) with { EmailInside = 180 })!;
        Assert.Equal((PersonalDataCategory.FreeText, PersonalDataConfidence.Medium), (found.Category, found.Confidence));
        Assert.Equal([PersonalDataCategory.FreeText, PersonalDataCategory.Email], found.Contains);
        Assert.Null(found.ValidShare);
    }

    [Fact]
    public void A_name_that_the_values_refute_is_doubtful_but_a_handful_refutes_nothing()
    {
        Assert.Equal((PersonalDataCategory.Phone, PersonalDataConfidence.Low), Take(Column("phone"), Values(20)));
        Assert.Equal((PersonalDataCategory.Phone, PersonalDataConfidence.Medium), Take(Column("phone"), Values(5)));
        Assert.Equal((PersonalDataCategory.Phone, PersonalDataConfidence.Medium), Take(Column("phone")));
    }

    [Fact]
    public void Digits_are_telephone_numbers_only_where_the_name_says_so()
    {
        var digits = Values(100) with { PhoneLike = 100 };
        Assert.Equal((PersonalDataCategory.Phone, PersonalDataConfidence.High), Take(Column("phone"), digits));
        Assert.Null(Take(Column("article"), digits));
    }

    [Fact]
    public void A_tenth_that_passes_luhn_is_chance()
    {
        Assert.Null(Take(Column("reference", 'n', "int8"), Values(1000) with { Card = 100, CardInside = 100, CardShape = 1000, CardNumbers = 100, CardShapes = 1000 }));
        Assert.Equal((PersonalDataCategory.PaymentCard, PersonalDataConfidence.Medium), Take(Column("reference"), Values(1000) with { Card = 100, CardInside = 100, CardShape = 104, CardNumbers = 100, CardShapes = 104 }));
    }

    [Theory]
    [InlineData(1, 1, 1, PersonalDataConfidence.Low)]
    [InlineData(2, 2, 2, PersonalDataConfidence.Low)]
    [InlineData(100, 1, 1, PersonalDataConfidence.Low)]
    [InlineData(4, 4, 4, PersonalDataConfidence.Medium)]
    [InlineData(9, 9, 9, PersonalDataConfidence.Medium)]
    [InlineData(10, 10, 10, PersonalDataConfidence.High)]
    [InlineData(10, 10, 16, PersonalDataConfidence.High)]
    public void A_few_numbers_that_pass_luhn_say_nothing_for_sure(int rows, int numbers, int shapes, PersonalDataConfidence confidence)
    {
        var sample = Values(rows) with { Card = rows, CardInside = rows, CardShape = rows, CardNumbers = numbers, CardShapes = shapes };
        Assert.Equal((PersonalDataCategory.PaymentCard, confidence), Take(Column("order_number"), sample));
        Assert.Equal((PersonalDataCategory.PaymentCard, PersonalDataConfidence.High), Take(Column("card_number"), sample));
    }

    [Fact]
    public void A_number_in_a_text_that_passes_luhn_may_be_chance()
    {
        var sample = Values(10) with { CardInside = 10, CardShape = 10, CardNumbers = 1, CardShapes = 1 };
        Assert.Equal((PersonalDataCategory.FreeText, PersonalDataConfidence.Low), Take(Column("order_text"), sample));
        Assert.Equal((PersonalDataCategory.FreeText, PersonalDataConfidence.High), Take(Column("order_text"), sample with { CardNumbers = 10, CardShapes = 10 }));
    }

    [Theory]
    [InlineData("last_login_ip_hash", true)]
    [InlineData("email_hash", true)]
    [InlineData("phone_sha256", true)]
    public void A_hash_of_it_needs_a_look(string name, bool people)
    {
        Assert.Equal(PersonalDataConfidence.Low, Take(Column(name), people: people)!.Value.Item2);
        Assert.Equal(PersonalDataConfidence.Low, Take(Column(name), Values(100), people)!.Value.Item2);
    }

    [Fact]
    public void Binary_and_computed_columns_are_not_looked_into()
    {
        Assert.False(Column("x", 'b', "bytea").CanBeSampled);
        Assert.False((Column("x") with { IsVirtual = true }).CanBeSampled);
        Assert.True(Column("x", 'c', "addr").CanBeSampled);
        Assert.Null(Column("x", 'o', "bool").Closed);
    }

    [Fact]
    public void An_address_with_four_parts_may_be_a_version_but_not_in_a_type_of_its_own()
    {
        var sample = Values(100) with { Ip = 100, IpInside = 100 };
        Assert.Equal((PersonalDataCategory.IpAddress, PersonalDataConfidence.Medium), Take(Column("build"), sample));
        Assert.Equal((PersonalDataCategory.IpAddress, PersonalDataConfidence.High), Take(Column("build", 'i', "inet"), sample));
        Assert.Equal((PersonalDataCategory.IpAddress, PersonalDataConfidence.Low), Take(Column("network", 'i', "inet"), Values(100)));
    }

    [Fact]
    public void A_name_alone_counts_more_in_a_table_about_people()
    {
        Assert.Equal((PersonalDataCategory.Name, PersonalDataConfidence.Low), Take(Column("name")));
        Assert.Equal((PersonalDataCategory.Name, PersonalDataConfidence.Medium), Take(Column("name"), people: true));
        Assert.Equal((PersonalDataCategory.Name, PersonalDataConfidence.Medium), Take(Column("last_name")));
        Assert.Equal((PersonalDataCategory.Name, PersonalDataConfidence.High), Take(Column("last_name"), people: true));
        Assert.Null(Take(Column("notes")));
        Assert.Equal((PersonalDataCategory.FreeText, PersonalDataConfidence.Low), Take(Column("notes"), people: true));
    }

    [Theory]
    [InlineData("email", 'o', "bool")]
    [InlineData("email", 'n', "int4")]
    [InlineData("phone", 'd', "timestamptz")]
    [InlineData("first_name", 'n', "int8")]
    [InlineData("device_token", 'd', "date")]
    public void A_type_that_cannot_hold_it_rules_a_name_out(string name, char kind, string type) => Assert.Null(Take(Column(name, kind, type)));

    [Fact]
    public void A_truth_value_can_tell_of_health() => Assert.Equal((PersonalDataCategory.SpecialCategory, PersonalDataConfidence.Medium), Take(Column("is_pregnant", 'o', "bool")));

    [Fact]
    public void A_domain_tells_by_its_name() => Assert.Equal((PersonalDataCategory.Email, PersonalDataConfidence.Medium), Take(Column("value", typeName: "email_address")));

    [Fact]
    public void Keys_of_json_tell_what_is_in_it() =>
        Assert.Equal((PersonalDataCategory.BirthDate, PersonalDataConfidence.Medium),
            Take(Column("payload", 'j', "jsonb"), Values(10) with { Keys = new Dictionary<PersonalDataCategory, long> { [PersonalDataCategory.BirthDate] = 10 } }));

    [Fact]
    public void A_comment_decides_where_nothing_else_does()
    {
        Assert.Equal((PersonalDataCategory.Other, PersonalDataConfidence.Medium), Take(Column("x", comment: "PII")));
        Assert.Equal((PersonalDataCategory.Name, PersonalDataConfidence.Medium), Take(Column("name", comment: "PII")));
    }
}

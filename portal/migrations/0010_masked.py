from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0009_extract_files")]

    operations = [
        migrations.AlterField(
            model_name="profile",
            name="kind",
            field=models.CharField(
                choices=[
                    ("builtin", "built-in"),
                    ("fitted", "fitted"),
                    ("masked", "masked copy"),
                ],
                default="fitted",
                max_length=8,
            ),
        ),
    ]

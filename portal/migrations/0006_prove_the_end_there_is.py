from django.db import migrations

from portal.models.trail import end_proof


def prove(apps, schema_editor):
    """What was written before there were proofs is taken as it stands."""
    for end in apps.get_model("portal", "TrailEnd").objects.exclude(length=0):
        end.proven, end.proof = end.length, end_proof(end.length, end.seal)
        end.save()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_proof_of_the_trails_end"),
    ]

    operations = [
        migrations.RunPython(prove, migrations.RunPython.noop),
    ]

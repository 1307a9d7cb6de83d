"""What maps on any face load: the shapes of the place's divisions."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control

from yiwang.web.areas import areas
from yiwang.web.routes import PUBLIC, route


@cache_control(public=True, max_age=3600)
def map_areas(request: HttpRequest) -> HttpResponse:
    """The shapes as GeoJSON."""
    return JsonResponse(areas(), content_type="application/geo+json")


routes = [route("map/areas.geojson", map_areas, right=PUBLIC, name="map_areas")]
